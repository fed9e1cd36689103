#include "formats/readers/nifti_header.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "formats/readers/nifti_geometry.h"
#include "formats/readers/nifti_types.h"

namespace lucid {
namespace {

ElementType element_of_code(int code, const std::string& place) {
  for (const NiftiType& type : kNiftiTypes)
    if (type.code == code) return type.element;
  const std::string name = nifti_datatype_string(code);
  fail(place, "expected integers or floats, found voxels of " +
                  (name.starts_with("**") ? "the unknown datatype " + std::to_string(code)
                                          : "type " + name));
}

// Stores extents from the slowest axis to the fastest, the reverse of the file. Channels are a
// fourth axis (time, modality) or a fifth one (components of vectors), but not both.
template <class Header>
void read_extents(const Header& h, VolumeHeader& volume, const std::string& place) {
  const std::int64_t rank = h.dim[0];
  if (rank < 1 || rank > 7)
    fail(place, "expected 1 to 7 axes, found " + std::to_string(rank) + "; the header is damaged");
  std::array<std::int64_t, 8> extents{0, 1, 1, 1, 1, 1, 1, 1};
  for (std::int64_t axis = 1; axis <= rank; ++axis)
    extents[static_cast<std::size_t>(axis)] = h.dim[axis];
  std::int64_t channels = 1;
  std::size_t long_axes = 0;
  for (std::size_t axis = 4; axis < 8; ++axis) {
    if (extents[axis] == 1) continue;
    ++long_axes;
    channels = extents[axis];
  }
  if (long_axes > 1) fail(place, "expected at most 4 axes that are longer than 1, found more");
  volume.extents = {extents[3], extents[2], extents[1]};
  volume.axes = "dhw";
  if (channels == 1) return;
  volume.extents.insert(volume.extents.begin(), channels);
  volume.axes = "cdhw";
}

enum class Kind { kOneFile, kPair, kAnalyze };

// These fields mean something else in Analyze. Some programs store a factor in one of them.
template <class Header>
void forget_what_analyze_lacks(Header& h, std::vector<std::string>& warnings) {
  const auto factor = static_cast<double>(h.scl_slope);
  if (std::isfinite(factor) && factor != 0 && factor != 1)
    warnings.push_back("the factor " + number_text(static_cast<float>(factor)) +
                       " is left out, as Analyze 7.5 does not define one; values stay as stored");
  h.scl_slope = 0;
  h.xyzt_units = 0;
  h.qform_code = h.sform_code = 0;
}

// A slope of 0 or NaN means that values are not scaled.
template <class Header>
void read_scaling(const Header& h, NumberCoding& coding, const std::string& place) {
  if (std::isinf(h.scl_slope))
    fail(place, "scl_slope: expected a finite number, found " + number_text(h.scl_slope));
  if (std::isnan(h.scl_slope) || h.scl_slope == 0) return;
  if (!std::isfinite(h.scl_inter))
    fail(place, "scl_inter: expected a finite number, found " + number_text(h.scl_inter));
  coding.slope = h.scl_slope;
  coding.intercept = h.scl_inter;
}

template <class Header>
NiftiHeader parse(const Header& h, Kind kind, const std::string& place) {
  NiftiHeader header;
  NumberCoding& coding = header.volume.coding;
  coding.stored = element_of_code(h.datatype, place);
  const std::size_t bits = 8 * element_bytes(coding.stored);
  if (h.bitpix != 0 && static_cast<std::size_t>(h.bitpix) != bits)
    header.volume.warnings.push_back("bitpix: expected " + std::to_string(bits) + " as of " +
                                     nifti_datatype_string(h.datatype) + ", found " +
                                     std::to_string(h.bitpix) + "; the datatype counts");
  read_scaling(h, coding, place);
  read_extents(h, header.volume, place);
  header.volume.geometry = nifti_geometry(h, place, header.volume.warnings);
  constexpr double kLargest = 0x1p30;  // no extension of a header is as large
  const double at = static_cast<double>(h.vox_offset);
  if (!(at >= (kind == Kind::kOneFile ? h.sizeof_hdr : 0)) || at > kLargest || at != std::floor(at))
    fail(place, "expected voxels behind the header, found them at byte " + number_text(at));
  header.voxels_at = static_cast<std::uint64_t>(at);
  return header;
}

template <class Header>
NiftiHeader swapped_and_parsed(std::span<const std::byte> bytes, int version, Kind kind,
                               const std::string& place) {
  Header header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  const bool is_swapped = header.sizeof_hdr != static_cast<int>(sizeof(header));
  if (is_swapped) swap_nifti_header(&header, version);
  std::vector<std::string> warnings;
  if (kind == Kind::kAnalyze) forget_what_analyze_lacks(header, warnings);
  NiftiHeader parsed = parse(header, kind, place);
  parsed.volume.warnings.insert(parsed.volume.warnings.begin(), warnings.begin(), warnings.end());
  parsed.volume.coding.is_swapped = is_swapped;
  return parsed;
}

}  // namespace

std::size_t nifti_header_bytes(std::span<const std::byte> begin) {
  std::int32_t size = 0;
  if (begin.size() < sizeof(size)) return 0;
  std::memcpy(&size, begin.data(), sizeof(size));
  for (const std::int32_t either :
       {size, static_cast<std::int32_t>(__builtin_bswap32(static_cast<std::uint32_t>(size)))}) {
    if (either == static_cast<std::int32_t>(kNifti1Bytes)) return kNifti1Bytes;
    if (either == static_cast<std::int32_t>(kNifti2Bytes)) return kNifti2Bytes;
  }
  return 0;
}

NiftiHeader parse_nifti_header(std::span<const std::byte> bytes, NiftiForm form,
                               const std::string& place) {
  static_assert(sizeof(nifti_1_header) == kNifti1Bytes && sizeof(nifti_2_header) == kNifti2Bytes);
  const bool is_second = bytes.size() == kNifti2Bytes;
  const char* magic =
      reinterpret_cast<const char*>(bytes.data()) +
      (is_second ? offsetof(nifti_2_header, magic) : offsetof(nifti_1_header, magic));
  const std::string found(magic, strnlen(magic, 3));
  const bool is_one = found == (is_second ? "n+2" : "n+1");
  const bool is_pair = found == (is_second ? "ni2" : "ni1");
  if (is_pair && form == NiftiForm::kOneFile)
    fail(place,
         "expected one file, found the header of a pair; name it .hdr, with its .img beside it");
  if (is_one && form == NiftiForm::kPair)
    fail(place, "expected the header of a pair (.hdr and .img), found one file; name it .nii");
  if (!is_one && !is_pair && (form == NiftiForm::kOneFile || is_second))
    fail(place, "expected NIfTI-1 or NIfTI-2, found neither's mark in the header");
  const std::string_view transfer(magic + 3, is_second ? 5 : 0);
  if (is_second && transfer != std::string_view("\0\r\n\x1a\n", 5))
    fail(place,
         "expected the bytes of NIfTI-2's mark, found others; the file was transferred as "
         "text");
  const Kind kind = is_one ? Kind::kOneFile : is_pair ? Kind::kPair : Kind::kAnalyze;
  return is_second ? swapped_and_parsed<nifti_2_header>(bytes, 2, kind, place)
                   : swapped_and_parsed<nifti_1_header>(bytes, 1, kind, place);
}

}  // namespace lucid
