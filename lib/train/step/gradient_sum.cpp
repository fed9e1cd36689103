#include "train/step/gradient_sum.h"

#include <algorithm>
#include <bit>

#include "plan/parameters.h"
#include "tensor/parallel.h"

namespace lucid {

std::size_t GradientSum::levels(std::size_t shards) {
  return static_cast<std::size_t>(std::bit_width(shards - 1));
}

void GradientSum::begin(std::size_t count, bool in_parallel) {
  if (count != count_) levels_.clear();
  count_ = count;
  in_parallel_ = in_parallel;
}

// Calls work(begin, end) for blocks of so many gradients.
template <class Work>
void GradientSum::for_blocks(std::size_t count, const Work& work) const {
  const auto size = static_cast<std::int64_t>(count);
  if (in_parallel_)
    parallel_blocks(size, kParameterBlock, work);
  else
    work(std::int64_t{0}, size);
}

void GradientSum::add_level(std::span<float> values, std::size_t begin, std::size_t level) const {
  const float* const sum = sums(level) + begin;
  for_blocks(values.size(), [sum, gradients = values.data()](std::int64_t first, std::int64_t end) {
    const float* __restrict from = sum;
    float* __restrict to = gradients;
    for (std::int64_t i = first; i < end; ++i) to[i] = from[i] + to[i];
  });
}

void GradientSum::add(std::span<float> values, std::size_t begin, std::size_t before,
                      std::size_t level) {
  for (; (before >> level & 1U) != 0; ++level) add_level(values, begin, level);
  if (levels_.size() <= level) levels_.resize(level + 1);
  if (!levels_[level]) levels_[level] = allocate_storage(count_ * sizeof(float));
  float* const to = sums(level) + begin;
  for_blocks(values.size(), [&](std::int64_t first, std::int64_t end) {
    std::copy(values.data() + first, values.data() + end, to + first);
  });
}

void GradientSum::finish(std::span<float> values, std::size_t begin, std::size_t before) {
  for (std::size_t level = 0; level < levels_.size(); ++level)
    if ((before >> level & 1U) != 0) add_level(values, begin, level);
}

}  // namespace lucid
