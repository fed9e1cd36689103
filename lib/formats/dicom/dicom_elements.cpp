#include "formats/dicom/dicom_elements.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/dicom/dicom_parser.h"
#include "formats/headers/words.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPreambleBytes = 128;
constexpr std::string_view kMagic = "DICM";

struct NamedTag {
  DicomTag tag;
  const char* name;
};
constexpr std::array<NamedTag, 26> kNames{
    {{DicomTag::kTransferSyntax, "TransferSyntaxUID"},
     {DicomTag::kImageType, "ImageType"},
     {DicomTag::kSopClass, "SOPClassUID"},
     {DicomTag::kSeriesDescription, "SeriesDescription"},
     {DicomTag::kSliceThickness, "SliceThickness"},
     {DicomTag::kSpacingBetweenSlices, "SpacingBetweenSlices"},
     {DicomTag::kSeriesUid, "SeriesInstanceUID"},
     {DicomTag::kSeriesNumber, "SeriesNumber"},
     {DicomTag::kInstanceNumber, "InstanceNumber"},
     {DicomTag::kPosition, "ImagePositionPatient"},
     {DicomTag::kOrientation, "ImageOrientationPatient"},
     {DicomTag::kSamples, "SamplesPerPixel"},
     {DicomTag::kPhotometric, "PhotometricInterpretation"},
     {DicomTag::kPlanar, "PlanarConfiguration"},
     {DicomTag::kFrames, "NumberOfFrames"},
     {DicomTag::kRows, "Rows"},
     {DicomTag::kColumns, "Columns"},
     {DicomTag::kPixelSpacing, "PixelSpacing"},
     {DicomTag::kBitsAllocated, "BitsAllocated"},
     {DicomTag::kBitsStored, "BitsStored"},
     {DicomTag::kHighBit, "HighBit"},
     {DicomTag::kIsSigned, "PixelRepresentation"},
     {DicomTag::kIntercept, "RescaleIntercept"},
     {DicomTag::kSlope, "RescaleSlope"},
     {DicomTag::kSiemensHeader, "CSA image header"},
     {DicomTag::kPixels, "PixelData"}}};

// Explicit little-endian but for the two old ones; every other syntax is that of a codec.
DicomSyntax syntax_of(const std::string& uid, const std::string& place) {
  const std::string base = "1.2.840.10008.1.2";
  if (uid == base + ".1.99")
    fail(place, "TransferSyntaxUID: expected elements that are not deflated, found " +
                    in_quotes(uid) + "; dcmtk's dcmconv +te converts it");
  if (uid == base) return {uid, false, false, false};
  if (uid == base + ".1") return {uid, true, false, false};
  if (uid == base + ".2") return {uid, true, true, false};
  if (uid.starts_with(base + ".")) return {uid, true, false, true};
  fail(place, "TransferSyntaxUID: expected one of the standard, found " + in_quotes(uid));
}

}  // namespace

std::string dicom_name(DicomTag tag) {
  for (const NamedTag& each : kNames)
    if (each.tag == tag) return each.name;
  return {};
}

bool is_wanted(DicomTag tag) { return !dicom_name(tag).empty(); }

std::string DicomElements::text(DicomTag tag) const {
  const auto at = values.find(tag);
  if (at == values.end()) return {};
  std::string text = at->second;
  while (!text.empty() && text.back() == '\0') text.pop_back();
  return trimmed(text);
}

std::vector<double> DicomElements::numbers(DicomTag tag, std::size_t count) const {
  const std::string all = text(tag);
  if (all.empty()) return {};
  std::vector<double> found;
  for (const std::string& word : split(all, '\\')) {
    const auto value = number_of<double>(trimmed(word));
    if (value && std::isfinite(*value)) found.push_back(*value);
  }
  if (found.size() != count || split(all, '\\').size() != count)
    fail(place, dicom_name(tag) + ": expected " + std::to_string(count) +
                    " finite numbers, found " + in_quotes(all));
  return found;
}

int DicomElements::integer(DicomTag tag, int otherwise) const {
  const auto at = values.find(tag);
  if (at == values.end() || at->second.empty()) return otherwise;
  if (at->second.size() != 2)
    fail(place, dicom_name(tag) + ": expected an integer of 2 bytes, found " +
                    std::to_string(at->second.size()) + " bytes");
  const auto low = static_cast<unsigned char>(at->second[syntax.is_big_endian ? 1 : 0]);
  const auto high = static_cast<unsigned char>(at->second[syntax.is_big_endian ? 0 : 1]);
  return high * 256 + low;
}

bool is_dicom(const fs::path& path) {
  InputFile file(path, "a DICOM file", ExitCode::kData);
  std::array<std::byte, kPreambleBytes + 4> begin{};
  return file.read(begin) == begin.size() &&
         std::memcmp(&begin[kPreambleBytes], kMagic.data(), kMagic.size()) == 0;
}

DicomElements read_dicom(const fs::path& path) {
  DicomElements elements;
  elements.place = path.string();
  if (!is_dicom(path)) fail(elements.place, "expected a DICOM file, found another beginning");
  DicomParser parser(path, kPreambleBytes + kMagic.size());
  // The first group tells how the others are coded.
  while (parser.next_group() == 0x0002) parser.read_element(elements);
  elements.syntax = syntax_of(elements.text(DicomTag::kTransferSyntax), elements.place);
  parser.set_syntax(elements.syntax);
  while (!parser.is_at_end() && elements.pixels_at == 0) parser.read_element(elements);
  return elements;
}

}  // namespace lucid
