#include "formats/labels/label_volume.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "formats/labels/stored_planes.h"

namespace lucid {
namespace {

// Headers hold voxel sizes as float32, and some are rounded further.
constexpr double kSameVoxelSize = 1e-3;

template <class T>
bool is_label(T value) {
  if constexpr (std::is_integral_v<T>)
    return std::cmp_greater_equal(value, 0) &&
           std::cmp_less_equal(value, std::numeric_limits<Label>::max());
  else
    return value >= 0 && value <= T(0x1p30) && value == std::floor(value);
}

// Returns the index of the first value that is no label, or the number of values.
template <class T>
std::size_t convert(const T* values, std::span<Label> labels) {
  if constexpr (std::is_unsigned_v<T> && sizeof(T) < sizeof(Label)) {  // all of them are labels
    std::copy_n(values, labels.size(), labels.begin());
    return labels.size();
  }
  bool are_labels = true;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    are_labels &= is_label(values[i]);
    labels[i] = is_label(values[i]) ? static_cast<Label>(values[i]) : 0;
  }
  std::size_t first = labels.size();
  if (!are_labels)
    for (first = 0; is_label(values[first]);) ++first;
  return first;
}

template <class T>
std::string text_of(T value) {
  if constexpr (std::is_floating_point_v<T>)
    return number_text(value);
  else
    return std::to_string(value);
}

std::string size_text(const std::array<double, 3>& size) {
  return number_text(static_cast<float>(size[0])) + " x " +
         number_text(static_cast<float>(size[1])) + " x " +
         number_text(static_cast<float>(size[2])) + " mm";
}

std::string extents_text(const Triple& extents) {
  return Shape({extents[0], extents[1], extents[2]}).str();
}

}  // namespace

LabelVolume::LabelVolume(const LabelSource& source, int threads)
    : planes_(source.dataset.empty() ? open_file_planes(source)
                                     : open_hdf5_planes(source, threads)) {
  stored_.resize(plane_voxels() * element_bytes(element()));
}

LabelVolume::~LabelVolume() = default;

const Triple& LabelVolume::extents() const { return planes_->extents(); }
const std::string& LabelVolume::place() const { return planes_->place(); }
ElementType LabelVolume::element() const { return planes_->element(); }
const std::optional<Geometry>& LabelVolume::geometry() const { return planes_->geometry(); }
std::vector<std::string> LabelVolume::warnings() { return planes_->warnings(); }

void LabelVolume::rewind() {
  planes_->rewind();
  next_ = 0;
}

void LabelVolume::read(std::span<Label> plane) {
  planes_->read(stored_);
  with_element(element(), [&](auto element) {
    const auto* values = reinterpret_cast<const decltype(element)*>(stored_.data());
    const std::size_t wrong = convert(values, plane);
    if (wrong == plane.size()) return;
    const auto width = static_cast<std::size_t>(extents()[2]);
    fail(place(), "expected labels, which are whole numbers from 0 to 2147483647, found " +
                      text_of(values[wrong]) + " at voxel " + std::to_string(next_) + "," +
                      std::to_string(wrong / width) + "," + std::to_string(wrong % width) +
                      " (d,h,w)");
  });
  ++next_;
}

std::array<double, 3> common_voxel_size(const LabelVolume& prediction, const LabelVolume& truth,
                                        std::vector<std::string>& warnings) {
  if (prediction.extents() != truth.extents())
    fail(prediction.place(), "expected " + extents_text(truth.extents()) + " voxels as in " +
                                 truth.place() + ", found " + extents_text(prediction.extents()));
  const auto &a = prediction.geometry(), &b = truth.geometry();
  if (!a && !b) {
    warnings.push_back(truth.place() + ": it and " + prediction.place() +
                       " say nothing of their voxels, which are taken for 1 x 1 x 1 mm");
    return {1, 1, 1};
  }
  if (!a || !b) return (a ? a : b)->voxel_size;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (std::abs(a->voxel_size[axis] - b->voxel_size[axis]) > kSameVoxelSize * b->voxel_size[axis])
      fail(prediction.place(), "expected voxels of " + size_text(b->voxel_size) + " as in " +
                                   truth.place() + ", found " + size_text(a->voxel_size));
  if (a->is_oriented() && b->is_oriented())
    if (const std::string difference = geometry_difference(*a, *b); !difference.empty())
      warnings.push_back(prediction.place() + ": lies elsewhere than " + truth.place() + ": " +
                         difference);
  return b->voxel_size;
}

}  // namespace lucid
