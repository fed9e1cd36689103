#include <algorithm>
#include <cstring>

#include "formats/readers/nifti_header.h"
#include "formats/readers/nifti_types.h"

namespace lucid {
namespace {

constexpr std::int64_t kMostNifti1 = 32767;  // extents of NIfTI-1 have 16 bits

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
                               const Geometry& geometry, const NiftiScaling& scaling,
                               const std::string& magic) {
  Header h{};
  h.sizeof_hdr = sizeof(h);
  std::memcpy(h.magic, magic.data(), std::min(magic.size(), sizeof(h.magic)));
  for (const NiftiType& entry : kNiftiTypes)
    if (entry.element == type) h.datatype = static_cast<std::int16_t>(entry.code);
  h.bitpix = static_cast<std::int16_t>(8 * element_bytes(type));
  std::fill(std::begin(h.dim), std::end(h.dim), std::remove_reference_t<decltype(h.dim[0])>{1});
  h.dim[0] = static_cast<std::remove_reference_t<decltype(h.dim[0])>>(extents.size());
  for (std::size_t axis = 0; axis < extents.size(); ++axis)
    h.dim[axis + 1] = static_cast<std::remove_reference_t<decltype(h.dim[0])>>(
        extents[extents.size() - 1 - axis]);
  std::fill(std::begin(h.pixdim), std::end(h.pixdim),
            std::remove_reference_t<decltype(h.pixdim[0])>{1});
  h.scl_slope = static_cast<decltype(h.scl_slope)>(scaling.slope);
  h.scl_inter = static_cast<decltype(h.scl_inter)>(scaling.intercept);
  h.vox_offset = static_cast<decltype(h.vox_offset)>(sizeof(h) + 4);
  write_geometry_into(h, geometry);
  std::vector<std::byte> bytes(sizeof(h) + 4);
  std::memcpy(bytes.data(), &h, sizeof(h));
  return bytes;
}

}  // namespace

std::vector<std::byte> nifti_header(ElementType type, const std::vector<std::int64_t>& extents,
                                    const Geometry& geometry, const NiftiScaling& scaling) {
  const bool fits = *std::max_element(extents.begin(), extents.end()) <= kMostNifti1;
  if (fits) return compose<nifti_1_header>(type, extents, geometry, scaling, "n+1");
  return compose<nifti_2_header>(type, extents, geometry, scaling,
                                 std::string("n+2\0\r\n\032\n", 8));
}

}  // namespace lucid
