#include "infer/predict/flipped_batch.h"

#include <algorithm>

#include "objective/coarse_targets.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// Mirrors the volumes (D, H, W) that lie one after the other; volumes of one voxel remain.
void mirror(std::span<const float> from, const Triple& size, const Flips& flips,
            std::span<float> to) {
  const std::int64_t depth = size[0], height = size[1], width = size[2];
  parallel_for(std::ssize(from) / width, [&](std::int64_t row) {
    const std::int64_t volume = row / (depth * height), z = row / height % depth, y = row % height;
    const std::int64_t source = (volume * depth + (flips[0] ? depth - 1 - z : z)) * height +
                                (flips[1] ? height - 1 - y : y);
    const float* begin = from.data() + source * width;
    if (flips[2])
      std::reverse_copy(begin, begin + width, to.data() + row * width);
    else
      std::copy_n(begin, width, to.data() + row * width);
  });
}

}  // namespace

std::span<float> FlippedBatch::predict(std::span<const float> samples, std::int64_t count) {
  sums_.clear();
  was_finite_ = true;
  const Shape& input = predictor_.graph().input_shape();
  mirrored_.resize(samples.size());
  for (const Flips& flips : images_) {
    std::span<float> result;
    if (flips == Flips{}) {
      result = predictor_.predict(samples, count);
    } else {
      mirror(samples, voxel_extents(input), flips, mirrored_);
      predictor_.predict(mirrored_, count);
    }
    was_finite_ = was_finite_ && predictor_.was_finite();
    outputs_.assign(predictor_.outputs().begin(), predictor_.outputs().end());
    if (images_.size() == 1) return result;
    add(flips);
  }
  for (std::size_t i = 0; i < sums_.size(); ++i) outputs_[i].values = sums_[i];
  return sums_.front();
}

// Adds the share of one image to the mean.
void FlippedBatch::add(const Flips& flips) {
  sums_.resize(outputs_.size());
  const float share = 1 / static_cast<float>(images_.size());
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto [shape, values, unused] = outputs_[i];
    sums_[i].resize(values.size());
    std::vector<float> back(values.begin(), values.end());
    if (shape.rank() == 5) mirror(values, voxel_extents(shape), flips, back);
    for (std::size_t k = 0; k < back.size(); ++k) sums_[i][k] += share * back[k];
  }
}

}  // namespace lucid
