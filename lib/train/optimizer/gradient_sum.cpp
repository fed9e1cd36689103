#include "train/optimizer/gradient_sum.h"

#include <algorithm>
#include <bit>

#include "tensor/parallel.h"

namespace lucid {
namespace {

// Calls work(sum, gradient, begin, end) for blocks of each gradient's elements.
template <class Work>
void for_blocks(std::vector<Tensor>& sums, Parameters& parameters, const Work& work) {
  std::size_t at = 0;
  for (Parameter& parameter : parameters) {
    if (!parameter.gradient) continue;
    float* sum = sums[at++].values().data();
    float* gradient = parameter.gradient.values().data();
    parallel_blocks(static_cast<std::int64_t>(parameter.gradient.values().size()), kParameterBlock,
                    [&](std::int64_t begin, std::int64_t end) { work(sum, gradient, begin, end); });
  }
}

}  // namespace

std::size_t GradientSum::levels(std::size_t shards) {
  return static_cast<std::size_t>(std::bit_width(shards - 1));
}

// To the gradients of the shards behind those of the level.
void GradientSum::add_level(std::size_t level, Parameters& parameters) {
  for_blocks(levels_[level], parameters,
             [](const float* __restrict sum, float* __restrict gradient, std::int64_t begin,
                std::int64_t end) {
               for (std::int64_t i = begin; i < end; ++i) gradient[i] = sum[i] + gradient[i];
             });
}

void GradientSum::add(Engine& engine, Parameters& parameters, std::size_t level) {
  const std::size_t added = std::size_t{1} << level;
  for (; (count_ >> level & 1U) != 0; ++level) add_level(level, parameters);
  if (levels_.size() <= level) levels_.resize(level + 1);
  if (levels_[level].empty())
    for (const Parameter& parameter : parameters)
      if (parameter.gradient) levels_[level].emplace_back(engine, parameter.gradient.layout());
  for_blocks(levels_[level], parameters,
             [](float* sum, const float* gradient, std::int64_t begin, std::int64_t end) {
               std::copy(gradient + begin, gradient + end, sum + begin);
             });
  count_ += added;
}

void GradientSum::finish(Parameters& parameters) {
  for (std::size_t level = 0; level < levels_.size(); ++level)
    if ((count_ >> level & 1U) != 0) add_level(level, parameters);
  count_ = 0;
}

}  // namespace lucid
