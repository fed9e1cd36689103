#include "formats/readers/nifti_header.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/text.h"
#include "formats/readers/nifti_types.h"

namespace lucid {
namespace {

ElementType element_of_code(int code, const std::string& place) {
  for (const NiftiType& type : kNiftiTypes)
    if (type.code == code) return type.element;
  fail(place, std::string("expected integers or floats, found voxels of type ") +
                  nifti_datatype_string(code));
}

double millimetres(int units) {
  const int space = units & 7;
  if (space == NIFTI_UNITS_METER) return 1000;
  return space == NIFTI_UNITS_MICRON ? 0.001 : 1;
}

Affine affine_of(const nifti_dmat44& matrix, double scale) {
  Affine affine;
  for (std::size_t i = 0; i < affine.size(); ++i)
    affine[i] = matrix.m[i / 4][i % 4] * (i < 12 ? scale : 1);
  return affine;
}

bool is_finite(const Affine& affine) {
  return std::all_of(affine.begin(), affine.end(), [](double x) { return std::isfinite(x); });
}

// A size of 0 or NaN means that it was never set.
double side_of(double pixdim, double scale) {
  const double side = std::abs(pixdim) * scale;
  return std::isfinite(side) && side > 0 ? side : 1;
}

template <class Header>
Geometry geometry_of(const Header& h) {
  const double scale = millimetres(h.xyzt_units);
  const std::array<double, 3> size{side_of(h.pixdim[3], scale), side_of(h.pixdim[2], scale),
                                   side_of(h.pixdim[1], scale)};
  Geometry geometry = plain_geometry(size);
  const nifti_dmat44 q = nifti_quatern_to_dmat44(
      h.quatern_b, h.quatern_c, h.quatern_d, h.qoffset_x * scale, h.qoffset_y * scale,
      h.qoffset_z * scale, size[2], size[1], size[0], h.pixdim[0] < 0 ? -1 : 1);
  const Affine qform = affine_of(q, 1);
  Affine sform{};
  for (std::size_t i = 0; i < 4; ++i) {
    sform[i] = h.srow_x[i] * scale;
    sform[4 + i] = h.srow_y[i] * scale;
    sform[8 + i] = h.srow_z[i] * scale;
  }
  sform[15] = 1;
  if (h.qform_code > 0 && is_finite(qform)) geometry.qform_code = h.qform_code;
  if (h.sform_code > 0 && is_finite(sform)) geometry.sform_code = h.sform_code;
  if (geometry.qform_code > 0) geometry.affine = qform;
  if (geometry.sform_code > 0) geometry.affine = sform;
  if (geometry.qform_code > 0 && geometry.sform_code > 0 && qform != sform) geometry.qform = qform;
  return geometry;
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

// These fields mean something else in Analyze.
template <class Header>
void forget_what_analyze_lacks(Header& h) {
  h.scl_slope = 0;
  h.xyzt_units = 0;
  h.qform_code = h.sform_code = 0;
}

template <class Header>
NiftiHeader parse(const Header& h, Kind kind, const std::string& place) {
  NiftiHeader header;
  NumberCoding& coding = header.volume.coding;
  coding.stored = element_of_code(h.datatype, place);
  const bool has_slope = std::isfinite(h.scl_slope) && h.scl_slope != 0;
  if (has_slope) {
    coding.slope = h.scl_slope;
    coding.intercept = std::isfinite(h.scl_inter) ? static_cast<double>(h.scl_inter) : 0;
  }
  read_extents(h, header.volume, place);
  header.volume.geometry = geometry_of(h);
  const double at = static_cast<double>(h.vox_offset);
  if (!(at >= (kind == Kind::kOneFile ? h.sizeof_hdr : 0)) || at > 0x1p40)
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
  if (kind == Kind::kAnalyze) forget_what_analyze_lacks(header);
  NiftiHeader parsed = parse(header, kind, place);
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
  const Kind kind = is_one ? Kind::kOneFile : is_pair ? Kind::kPair : Kind::kAnalyze;
  return is_second ? swapped_and_parsed<nifti_2_header>(bytes, 2, kind, place)
                   : swapped_and_parsed<nifti_1_header>(bytes, 1, kind, place);
}

}  // namespace lucid
