#include "train/optimizer/gradient_sum.h"

#include <algorithm>

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

void GradientSum::add(Engine& engine, Parameters& parameters) {
  if (sums_.empty())
    for (const Parameter& parameter : parameters)
      if (parameter.gradient) sums_.emplace_back(engine, parameter.gradient.layout());
  const bool is_first = is_empty_;
  for_blocks(sums_, parameters,
             [=](float* __restrict sum, const float* __restrict gradient, std::int64_t begin,
                 std::int64_t end) {
               if (is_first)
                 std::copy(gradient + begin, gradient + end, sum + begin);
               else
                 for (std::int64_t i = begin; i < end; ++i) sum[i] += gradient[i];
             });
  is_empty_ = false;
}

void GradientSum::finish(Parameters& parameters) {
  if (is_empty_) return;
  for_blocks(sums_, parameters,
             [](const float* __restrict sum, float* __restrict gradient, std::int64_t begin,
                std::int64_t end) {
               for (std::int64_t i = begin; i < end; ++i) gradient[i] = sum[i] + gradient[i];
             });
  is_empty_ = true;
}

}  // namespace lucid
