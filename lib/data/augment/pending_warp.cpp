#include "data/augment/pending_warp.h"

#include <cassert>
#include <utility>

namespace lucid {

void PendingWarp::begin(const Triple& extents, const Padding& padding) {
  assert(!is_pending_);
  is_pending_ = true;
  has_displacement_ = is_cropped_ = false;
  padding_ = padding;
  extents_ = size_ = extents;
  origin_ = {};
  map_ = {};
}

void PendingWarp::map(const AffineMap& next) {
  AffineMap joined;
  for (std::size_t i = 0; i < 3; ++i) {
    joined.offset[i] = map_.offset[i];
    for (std::size_t k = 0; k < 3; ++k) joined.offset[i] += map_.matrix[i][k] * next.offset[k];
    for (std::size_t j = 0; j < 3; ++j) {
      joined.matrix[i][j] = 0;
      for (std::size_t k = 0; k < 3; ++k)
        joined.matrix[i][j] += map_.matrix[i][k] * next.matrix[k][j];
    }
  }
  map_ = joined;
}

Displacement& PendingWarp::displace(const Triple& counts) {
  has_displacement_ = true;
  displacement_.reset(counts);
  return displacement_;
}

void PendingWarp::crop(const Triple& origin, const Triple& size) {
  is_cropped_ = true;
  origin_ = origin;
  size_ = size;
}

void PendingWarp::apply(Grid& volume, Grid& labels) {
  const std::int64_t voxels = size_[0] * size_[1] * size_[2];
  for (Grid* grid : {&volume, &labels})
    grid->spare.resize(static_cast<std::size_t>(grid->channels * voxels));
  if (has_displacement_) displacement_.prepare(extents_, origin_, size_);
  RowSampler sampler(size_[2]);
  for (std::int64_t d = 0; d < size_[0]; ++d) {
    if (has_displacement_) displacement_.choose_slab(d);
    for (std::int64_t h = 0; h < size_[1]; ++h) {
      const std::int64_t at = (d * size_[1] + h) * size_[2];
      sampler.place(map_, {origin_[0] + d, origin_[1] + h, origin_[2]},
                    has_displacement_ ? displacement_.row(h) : nullptr);
      sampler.sample(volume, padding_.volume, volume.spare.data() + at, voxels);
      if (labels.channels > 0)
        sampler.sample(labels, padding_.labels, labels.spare.data() + at, voxels);
    }
  }
  for (Grid* grid : {&volume, &labels}) {
    std::swap(grid->values, grid->spare);
    grid->extents = size_;
  }
  is_pending_ = false;
}

}  // namespace lucid
