#include "formats/dicom/dicom_stack.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr double kAlikeDirection = 1e-3, kSameSpacing = 1e-3;
// Positions may be rounded to a tenth of a millimetre; a slice that is missing is a whole step.
constexpr double kUneven = 0.1;
constexpr double kSamePlace = 1e-3;  // mm

bool are_same(const Vector3& a, const Vector3& b) {
  for (std::size_t i = 0; i < 3; ++i)
    if (std::abs(a[i] - b[i]) > kAlikeDirection) return false;
  return true;
}

void check_alike(const DicomImage& image, const DicomImage& first) {
  const std::string place = image.path.string(), other = first.path.string();
  if (image.pixels != first.pixels)
    fail(place, "expected " + first.pixels.text() + " as in " + other + ", found " +
                    (image.pixels.text() == first.pixels.text() ? "other bits of them"
                                                                : image.pixels.text()));
  if (image.place.has_value() != first.place.has_value())
    fail(place,
         "expected ImagePositionPatient and ImageOrientationPatient in all files, found them "
         "here or in " +
             other + " only");
  if (image.place && (!are_same(image.place->along_row, first.place->along_row) ||
                      !are_same(image.place->along_column, first.place->along_column)))
    fail(place, "ImageOrientationPatient: expected the directions of " + other +
                    ", found others; the files are no slices of one volume");
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (std::abs(image.spacing[axis] - first.spacing[axis]) > kSameSpacing * first.spacing[axis])
      fail(place, "PixelSpacing: expected " + number_text(first.spacing[axis]) + " mm as in " +
                      other + ", found " + number_text(image.spacing[axis]));
}

// Returns how far an image lies along the normal of the first one.
double distance(const DicomImage& image, const Vector3& normal) {
  return dot(image.place->position, normal);
}

Vector3 step_of(const std::vector<DicomImage>& images) {
  const Vector3 &first = images.front().place->position, &last = images.back().place->position;
  Vector3 step;
  for (std::size_t i = 0; i < 3; ++i)
    step[i] = (last[i] - first[i]) / static_cast<double>(images.size() - 1);
  return step;
}

std::string millimetres(double value) { return number_text(static_cast<float>(value)) + " mm"; }

// Names the two slices whose distance differs most from the usual one.
[[noreturn]] void fail_uneven(const std::vector<DicomImage>& images, const Vector3& normal) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < images.size(); ++i)
    steps.push_back(distance(images[i], normal) - distance(images[i - 1], normal));
  std::vector<double> sorted = steps;
  std::ranges::sort(sorted);
  const double usual = sorted[(sorted.size() - 1) / 2];
  const auto most =
      std::ranges::max_element(steps, {}, [&](double step) { return std::abs(step - usual); });
  const auto at = static_cast<std::size_t>(most - steps.begin());
  const double missing = std::round(*most / usual) - 1;
  const bool are_missing =
      missing >= 1 && std::abs(*most - (missing + 1) * usual) < kUneven * usual;
  fail(images[at + 1].path.string(), "expected a slice each " + millimetres(usual) + ", found " +
                                         millimetres(*most) + " to the slice before it, " +
                                         images[at].path.string() +
                                         (are_missing ? "; slices are missing between them" : ""));
}

void check_places(const std::vector<DicomImage>& images, const Vector3& normal) {
  for (std::size_t i = 1; i < images.size(); ++i)
    if (distance(images[i], normal) - distance(images[i - 1], normal) < kSamePlace)
      fail(images[i].path.string(), "expected slices in different places, found " +
                                        images[i - 1].path.string() +
                                        " in the same one; the series holds a file twice, or "
                                        "several volumes (times, echoes)");
  const Vector3 step = step_of(images), &first = images.front().place->position;
  const double length = std::sqrt(dot(step, step));
  for (std::size_t i = 1; i < images.size(); ++i) {
    Vector3 off;
    for (std::size_t side = 0; side < 3; ++side)
      off[side] =
          images[i].place->position[side] - first[side] - static_cast<double>(i) * step[side];
    if (std::sqrt(dot(off, off)) > kUneven * length) fail_uneven(images, normal);
  }
}

// From DICOM's space, towards left and posterior, to NIfTI's.
Geometry geometry_of(const std::vector<DicomImage>& images) {
  const DicomImage& first = images.front();
  Vector3 slice = first.place->normal();
  if (first.mosaic) slice = first.mosaic->normal;
  if (images.size() > 1 && !first.mosaic)
    slice = step_of(images);
  else
    for (double& side : slice) side *= first.thickness > 0 ? first.thickness : 1;
  Geometry geometry;
  for (std::size_t side = 0; side < 3; ++side) {
    const double sign = side < 2 ? -1 : 1;
    geometry.affine[4 * side] = sign * first.place->along_row[side] * first.spacing[1];
    geometry.affine[4 * side + 1] = sign * first.place->along_column[side] * first.spacing[0];
    geometry.affine[4 * side + 2] = sign * slice[side];
    geometry.affine[4 * side + 3] = sign * first.place->position[side];
  }
  geometry.voxel_size = voxel_size_of(geometry.affine);
  geometry.sform_code = 1;
  return geometry;
}

// Mosaics are volumes of one place.
void sort_mosaics(std::vector<DicomImage>& images) {
  const DicomImage first = images.front();
  for (const DicomImage& image : images) {
    const std::string place = image.path.string();
    if (!image.mosaic || image.mosaic->slices != first.mosaic->slices)
      fail(place, "expected a mosaic of " + std::to_string(first.mosaic->slices) +
                      " slices as in " + first.path.string() + ", found another image");
    if (!image.place) continue;
    Vector3 off;
    for (std::size_t side = 0; side < 3; ++side)
      off[side] = image.place->position[side] - first.place->position[side];
    if (std::sqrt(dot(off, off)) > kSamePlace)
      fail(place, "ImagePositionPatient: expected that of " + first.path.string() +
                      ", another mosaic of its series, found one elsewhere");
  }
  std::ranges::stable_sort(images, {}, &DicomImage::number);
}

}  // namespace

DicomStack stacked(std::vector<DicomImage> images) {
  const DicomImage first = images.front();
  for (const DicomImage& image : images) check_alike(image, first);
  const bool are_slices = !first.mosaic && images.size() > 1;
  if (first.mosaic) sort_mosaics(images);
  if (!first.place && are_slices)
    fail(first.path.string(),
         "expected ImagePositionPatient and ImageOrientationPatient, which order the " +
             std::to_string(images.size()) + " slices of its series, found none");
  if (first.place && are_slices) {
    const Vector3 normal = first.place->normal();
    std::ranges::stable_sort(images, {},
                             [&](const DicomImage& image) { return distance(image, normal); });
    check_places(images, normal);
  }
  DicomStack stack{std::move(images), std::nullopt};
  if (first.spacing[0] > 0)
    stack.geometry = first.place ? geometry_of(stack.images)
                                 : plain_geometry({first.thickness > 0 ? first.thickness : 1,
                                                   first.spacing[0], first.spacing[1]});
  return stack;
}

}  // namespace lucid
