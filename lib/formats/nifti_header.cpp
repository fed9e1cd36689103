#include "formats/nifti_header.h"

#include <nifti2_io.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

struct NiftiType {
  int code;
  ElementType element;
};
constexpr std::array<NiftiType, 10> kTypes{{{DT_UINT8, ElementType::kUint8},
                                            {DT_INT8, ElementType::kInt8},
                                            {DT_INT16, ElementType::kInt16},
                                            {DT_UINT16, ElementType::kUint16},
                                            {DT_INT32, ElementType::kInt32},
                                            {DT_UINT32, ElementType::kUint32},
                                            {DT_INT64, ElementType::kInt64},
                                            {DT_UINT64, ElementType::kUint64},
                                            {DT_FLOAT32, ElementType::kFloat32},
                                            {DT_FLOAT64, ElementType::kFloat64}}};

constexpr std::int64_t kMostNifti1 = 32767;  // an extent there has 16 bits

[[noreturn]] void fail(const std::string& place, const std::string& message) {
  throw Error(ExitCode::kData, place + ": " + message);
}

ElementType element_of_code(int code, const std::string& place) {
  for (const NiftiType& type : kTypes)
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

// A size of 0 or NaN stands for one that nobody entered.
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

// w runs fastest: the axes of the file from the last to the first. A fifth axis holds the
// components of vectors; beside it no fourth is known.
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

template <class Header>
NiftiHeader parse(const Header& h, const std::string& place) {
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
  if (!(at >= h.sizeof_hdr) || at > 0x1p40)
    fail(place, "expected voxels behind the header, found them at byte " + number_text(at));
  header.voxels_at = static_cast<std::uint64_t>(at);
  return header;
}

template <class Header>
NiftiHeader swapped_and_parsed(std::span<const std::byte> bytes, int version,
                               const std::string& place) {
  Header header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  const bool is_swapped = header.sizeof_hdr != static_cast<int>(sizeof(header));
  if (is_swapped) swap_nifti_header(&header, version);
  NiftiHeader parsed = parse(header, place);
  parsed.volume.coding.is_swapped = is_swapped;
  return parsed;
}

template <class Header>
void write_geometry_into(Header& h, const Geometry& geometry) {
  using Real = std::remove_reference_t<decltype(h.srow_x[0])>;
  const Affine& q = geometry.qform ? *geometry.qform : geometry.affine;
  nifti_dmat44 matrix;
  for (std::size_t i = 0; i < q.size(); ++i) matrix.m[i / 4][i % 4] = q[i];
  double b, c, d, x, y, z, sides[3], handedness;
  nifti_dmat44_to_quatern(matrix, &b, &c, &d, &x, &y, &z, &sides[0], &sides[1], &sides[2],
                          &handedness);
  h.quatern_b = static_cast<Real>(b);
  h.quatern_c = static_cast<Real>(c);
  h.quatern_d = static_cast<Real>(d);
  h.qoffset_x = static_cast<Real>(x);
  h.qoffset_y = static_cast<Real>(y);
  h.qoffset_z = static_cast<Real>(z);
  h.pixdim[0] = static_cast<Real>(handedness);
  for (std::size_t axis = 0; axis < 3; ++axis)
    h.pixdim[axis + 1] = static_cast<Real>(geometry.voxel_size[2 - axis]);
  for (std::size_t i = 0; i < 4; ++i) {
    h.srow_x[i] = static_cast<Real>(geometry.affine[i]);
    h.srow_y[i] = static_cast<Real>(geometry.affine[4 + i]);
    h.srow_z[i] = static_cast<Real>(geometry.affine[8 + i]);
  }
  h.qform_code = static_cast<decltype(h.qform_code)>(geometry.qform_code);
  h.sform_code = static_cast<decltype(h.sform_code)>(geometry.sform_code);
  h.xyzt_units = NIFTI_UNITS_MM;
}

template <class Header>
std::vector<std::byte> compose(ElementType type, const std::vector<std::int64_t>& extents,
                               const Geometry& geometry, const std::string& magic) {
  Header h{};
  h.sizeof_hdr = sizeof(h);
  std::memcpy(h.magic, magic.data(), std::min(magic.size(), sizeof(h.magic)));
  for (const NiftiType& entry : kTypes)
    if (entry.element == type) h.datatype = static_cast<std::int16_t>(entry.code);
  h.bitpix = static_cast<std::int16_t>(8 * element_bytes(type));
  std::fill(std::begin(h.dim), std::end(h.dim), std::remove_reference_t<decltype(h.dim[0])>{1});
  h.dim[0] = static_cast<std::remove_reference_t<decltype(h.dim[0])>>(extents.size());
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    h.dim[axis + 1] = static_cast<std::remove_reference_t<decltype(h.dim[0])>>(
        extents[extents.size() - 1 - axis]);
  std::fill(std::begin(h.pixdim), std::end(h.pixdim),
            std::remove_reference_t<decltype(h.pixdim[0])>{1});
  h.scl_slope = 1;
  h.vox_offset = static_cast<decltype(h.vox_offset)>(sizeof(h) + 4);
  write_geometry_into(h, geometry);
  std::vector<std::byte> bytes(sizeof(h) + 4);
  std::memcpy(bytes.data(), &h, sizeof(h));
  return bytes;
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

NiftiHeader parse_nifti_header(std::span<const std::byte> bytes, const std::string& place) {
  static_assert(sizeof(nifti_1_header) == kNifti1Bytes && sizeof(nifti_2_header) == kNifti2Bytes);
  const bool is_second = bytes.size() == kNifti2Bytes;
  const char* magic =
      reinterpret_cast<const char*>(bytes.data()) +
      (is_second ? offsetof(nifti_2_header, magic) : offsetof(nifti_1_header, magic));
  const std::string found(magic, strnlen(magic, 3));
  if (found == "ni1" || found == "ni2")
    fail(place,
         "expected one file, found the header of a pair (.hdr and .img); "
         "tools such as nifti_tool make one of two");
  if (found != (is_second ? "n+2" : "n+1"))
    fail(place, "expected NIfTI-1 or NIfTI-2, found neither's mark in the header");
  return is_second ? swapped_and_parsed<nifti_2_header>(bytes, 2, place)
                   : swapped_and_parsed<nifti_1_header>(bytes, 1, place);
}

std::vector<std::byte> nifti_header(ElementType type, const std::vector<std::int64_t>& extents,
                                    const Geometry& geometry) {
  const bool fits = *std::max_element(extents.begin(), extents.end()) <= kMostNifti1;
  if (fits) return compose<nifti_1_header>(type, extents, geometry, "n+1");
  return compose<nifti_2_header>(type, extents, geometry, std::string("n+2\0\r\n\032\n", 8));
}

}  // namespace lucid
