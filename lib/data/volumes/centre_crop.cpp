#include "data/volumes/centre_crop.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "data/volumes/dataset_view.h"

namespace lucid {
namespace {

class CentreCropped final : public DatasetView {
 public:
  CentreCropped(std::unique_ptr<Dataset> whole, const Triple& size)
      : DatasetView(std::move(whole)), size_(size), cuts_targets_(has_voxel_targets(set())) {}

  Shape sample_shape() const override { return cut(set().sample_shape()); }
  Shape target_shape() const override {
    return cuts_targets_ ? cut(set().target_shape()) : set().target_shape();
  }
  void read_sample(std::size_t index, std::span<float> sample) const override {
    const std::span<float> whole = scratch(set().sample_shape());
    set().read_sample(index, whole);
    copy_middle(whole, sample);
  }
  void read_target(std::size_t index, std::span<float> target) const override {
    if (!cuts_targets_) return set().read_target(index, target);
    const std::span<float> whole = scratch(set().target_shape());
    set().read_target(index, whole);
    copy_middle(whole, target);
  }

 private:
  static std::span<float> scratch(const Shape& shape) {
    thread_local std::vector<float> values;
    values.resize(shape.count());
    return values;
  }

  Shape cut(const Shape& shape) const {
    std::vector<Shape::Extent> extents = shape.extents();
    std::ranges::copy(size_, extents.end() - 3);
    return Shape(std::move(extents));
  }

  void copy_middle(std::span<const float> whole, std::span<float> middle) const {
    const Shape shape = set().sample_shape();
    const Triple from{shape[1], shape[2], shape[3]};
    Triple origin{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      assert(size_[axis] <= from[axis]);
      origin[axis] = (from[axis] - size_[axis]) / 2;
    }
    const std::int64_t slabs = std::ssize(middle) / (size_[1] * size_[2]);
    auto out = middle.begin();
    for (std::int64_t slab = 0; slab < slabs; ++slab) {
      const std::int64_t d = slab / size_[0] * from[0] + origin[0] + slab % size_[0];
      for (std::int64_t h = origin[1]; h < origin[1] + size_[1]; ++h)
        out = std::copy_n(whole.begin() + (d * from[1] + h) * from[2] + origin[2], size_[2], out);
    }
  }

  const Triple size_;
  const bool cuts_targets_;
};

}  // namespace

std::unique_ptr<Dataset> centre_cropped(std::unique_ptr<Dataset> set, const Triple& size) {
  return std::make_unique<CentreCropped>(std::move(set), size);
}

}  // namespace lucid
