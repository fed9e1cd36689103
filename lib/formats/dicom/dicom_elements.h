#pragma once
// Private to this room.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lucid {

// The number of an element, as (0028,0010), in one number.
enum class DicomTag : std::uint32_t {
  kTransferSyntax = 0x00020010,
  kImageType = 0x00080008,
  kSopClass = 0x00080016,
  kSeriesDescription = 0x0008103e,
  kSliceThickness = 0x00180050,
  kSpacingBetweenSlices = 0x00180088,
  kSeriesUid = 0x0020000e,
  kSeriesNumber = 0x00200011,
  kInstanceNumber = 0x00200013,
  kPosition = 0x00200032,
  kOrientation = 0x00200037,
  kSamples = 0x00280002,
  kPhotometric = 0x00280004,
  kPlanar = 0x00280006,
  kFrames = 0x00280008,
  kRows = 0x00280010,
  kColumns = 0x00280011,
  kPixelSpacing = 0x00280030,
  kBitsAllocated = 0x00280100,
  kBitsStored = 0x00280101,
  kHighBit = 0x00280102,
  kIsSigned = 0x00280103,
  kIntercept = 0x00281052,
  kSlope = 0x00281053,
  kSiemensHeader = 0x00291010,
  kPixels = 0x7fe00010,
};

// How the elements and pixels of a file are coded.
struct DicomSyntax {
  std::string uid;
  bool is_explicit = true, is_big_endian = false, is_encapsulated = false;
};

// What a file says of its image, up to the pixels: the values of the tags above, as stored.
struct DicomElements {
  std::string place;
  DicomSyntax syntax;
  std::map<DicomTag, std::string> values;
  // Where the value of the pixels begins, and its bytes; encapsulated ones reach to the end of the
  // file. Without pixels the length is 0.
  std::uint64_t pixels_at = 0, pixels_bytes = 0;

  bool has(DicomTag tag) const { return values.contains(tag); }
  // Returns the text without padding; empty without such an element.
  std::string text(DicomTag tag) const;
  // Returns the numbers that backslashes separate: `count` finite ones, or none without such an
  // element. Throws Error(kData) "FILE: NAME: ..." for others.
  std::vector<double> numbers(DicomTag tag, std::size_t count) const;
  // Returns an unsigned integer of 16 bits, or `otherwise` without such an element.
  int integer(DicomTag tag, int otherwise) const;
};

// Names a tag in messages: "PixelSpacing".
std::string dicom_name(DicomTag tag);

// Returns true if the file begins as DICOM files do: 128 bytes of any kind and "DICM".
bool is_dicom(const std::filesystem::path& path);

// Reads a file up to its pixels. No value is read before it is known to lie in the file. Throws
// Error(kData).
DicomElements read_dicom(const std::filesystem::path& path);

}  // namespace lucid
