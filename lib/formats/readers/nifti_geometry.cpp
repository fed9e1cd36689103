#include "formats/readers/nifti_geometry.h"

#include <nifti2_io.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

double millimetres(int units, const std::string& place) {
  const int space = units & 7;
  if (space == NIFTI_UNITS_METER) return 1000;
  if (space == NIFTI_UNITS_MICRON) return 0.001;
  if (space != NIFTI_UNITS_MM && space != NIFTI_UNITS_UNKNOWN)
    fail(place, "xyzt_units: expected metres, millimetres or micrometres, found the unknown code " +
                    std::to_string(space));
  return 1;
}

Affine affine_of(const nifti_dmat44& matrix) {
  Affine affine;
  for (std::size_t i = 0; i < affine.size(); ++i) affine[i] = matrix.m[i / 4][i % 4];
  return affine;
}

// Reads one header's fields of space.
template <class Header>
class Reader {
 public:
  Reader(const Header& h, const std::string& place, std::vector<std::string>& warnings)
      : h_(h), scale_(millimetres(h.xyzt_units, place)), warnings_(warnings) {}

  Geometry geometry() {
    const Affine sform = sform_in_mm();
    const bool has_sform = is_usable(h_.sform_code, sform, "sform");
    Geometry geometry = plain_geometry(voxel_size(has_sform ? &sform : nullptr));
    const Affine qform = qform_in_mm(geometry.voxel_size);
    const bool has_qform = is_usable(h_.qform_code, qform, "qform");
    if (has_sform) geometry.sform_code = h_.sform_code;
    if (has_qform) geometry.qform_code = h_.qform_code;
    if (has_qform) geometry.affine = qform;
    if (has_sform) geometry.affine = sform;
    if (has_qform && has_sform && qform != sform) geometry.qform = qform;
    return geometry;
  }

 private:
  Affine sform_in_mm() const {
    Affine sform{};
    for (std::size_t i = 0; i < 4; ++i) {
      sform[i] = h_.srow_x[i] * scale_;
      sform[4 + i] = h_.srow_y[i] * scale_;
      sform[8 + i] = h_.srow_z[i] * scale_;
    }
    sform[15] = 1;
    return sform;
  }

  Affine qform_in_mm(const std::array<double, 3>& size) {
    const double length = std::hypot(h_.quatern_b, h_.quatern_c, h_.quatern_d);
    constexpr double kLongest = 1 + 1e-3;  // float32 rounds
    if (h_.qform_code > 0 && length > kLongest)
      warnings_.push_back("qform: expected a quaternion of length 1, found " +
                          number_text(static_cast<float>(length)) + "; it is shortened");
    return affine_of(nifti_quatern_to_dmat44(
        h_.quatern_b, h_.quatern_c, h_.quatern_d, h_.qoffset_x * scale_, h_.qoffset_y * scale_,
        h_.qoffset_z * scale_, size[2], size[1], size[0], h_.pixdim[0] < 0 ? -1 : 1));
  }

  bool is_usable(int code, const Affine& matrix, const std::string& name) {
    if (code <= 0) return false;
    if (!is_singular(matrix)) return true;
    warnings_.push_back(name + ": expected three directions that span space, found others; it is " +
                        "left out");
    return false;
  }

  // Returns the sizes along d, h, w. One that is missing is that of the affine, or else 1.
  std::array<double, 3> voxel_size(const Affine* affine) {
    const std::array<double, 3> of_affine =
        affine == nullptr ? std::array<double, 3>{1, 1, 1} : voxel_size_of(*affine);
    std::array<double, 3> size = of_affine;
    for (std::size_t axis = 1; axis <= 3; ++axis) {
      const auto pixdim = static_cast<double>(h_.pixdim[axis]);
      const bool is_known = std::isfinite(pixdim) && pixdim != 0;
      if (is_known) size[3 - axis] = std::abs(pixdim) * scale_;
      const bool is_axis = static_cast<std::int64_t>(axis) <= h_.dim[0];
      if ((!is_known && affine == nullptr && is_axis) || (is_known && pixdim < 0))
        warnings_.push_back("pixdim: expected sizes above 0, found " +
                            number_text(static_cast<float>(pixdim)) + "; " +
                            (is_known ? "its absolute value" : "1") + " is taken");
    }
    constexpr double kSameSize = 0.01;
    for (std::size_t axis = 0; axis < 3 && affine != nullptr; ++axis)
      if (std::abs(size[axis] - of_affine[axis]) > kSameSize * of_affine[axis]) {
        warnings_.push_back("pixdim: expected the sform's voxel size " + text(of_affine[axis]) +
                            ", found " + text(size[axis]) + "; both are kept");
        break;
      }
    return size;
  }
  static std::string text(double size) { return number_text(static_cast<float>(size)); }

  const Header& h_;
  double scale_;
  std::vector<std::string>& warnings_;
};

}  // namespace

template <class Header>
Geometry nifti_geometry(const Header& header, const std::string& place,
                        std::vector<std::string>& warnings) {
  return Reader<Header>(header, place, warnings).geometry();
}

template Geometry nifti_geometry(const nifti_1_header&, const std::string&,
                                 std::vector<std::string>&);
template Geometry nifti_geometry(const nifti_2_header&, const std::string&,
                                 std::vector<std::string>&);

}  // namespace lucid
