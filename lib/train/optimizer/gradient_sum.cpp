#include "train/optimizer/gradient_sum.h"

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

void GradientSum::add(Engine& engine, Parameters& parameters, std::int64_t samples) {
  if (sums_.empty())
    for (const Parameter& parameter : parameters)
      if (parameter.gradient) sums_.emplace_back(engine, parameter.gradient.layout());
  const auto weight = static_cast<float>(samples);
  const float kept = samples_ == 0 ? 0.F : 1.F;
  for_blocks(sums_, parameters,
             [=](float* __restrict sum, const float* __restrict gradient, std::int64_t begin,
                 std::int64_t end) {
               for (std::int64_t i = begin; i < end; ++i)
                 sum[i] = kept * sum[i] + weight * gradient[i];
             });
  samples_ += samples;
}

void GradientSum::finish(Parameters& parameters, std::int64_t samples) {
  if (samples_ == 0) return;
  const auto weight = static_cast<float>(samples);
  const float share = 1 / static_cast<float>(samples_ + samples);
  for_blocks(sums_, parameters,
             [=](const float* __restrict sum, float* __restrict gradient, std::int64_t begin,
                 std::int64_t end) {
               for (std::int64_t i = begin; i < end; ++i)
                 gradient[i] = share * (sum[i] + weight * gradient[i]);
             });
  samples_ = 0;
}

}  // namespace lucid
