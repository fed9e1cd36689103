#include "train/optimizer/clip_gradients.h"

#include <array>
#include <cmath>
#include <numeric>

#include "tensor/parallel.h"

namespace lucid {
namespace {

// Adds into independent lanes, so that the compiler can vectorize the loop.
double sum_of_squares(std::span<const float> values) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> lanes{};
  const std::size_t whole = values.size() - values.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k)
      lanes[k] += static_cast<double>(values[i + k]) * static_cast<double>(values[i + k]);
  for (std::size_t i = whole; i < values.size(); ++i)
    lanes[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

std::span<float> gradient_values(Parameter& parameter) {
  return parameter.gradient ? parameter.gradient.values() : std::span<float>();
}

double joint_norm(Parameters& parameters) {
  double sum = 0;
  for (Parameter& parameter : parameters) {
    const std::span<const float> all = gradient_values(parameter);
    sum += parallel_sum(static_cast<std::int64_t>(all.size()), kParameterBlock,
                        [&](std::int64_t begin, std::int64_t end) {
                          return sum_of_squares(all.subspan(static_cast<std::size_t>(begin),
                                                            static_cast<std::size_t>(end - begin)));
                        });
  }
  return std::sqrt(sum);
}

}  // namespace

double clip_gradients(Parameters& parameters, double max_norm) {
  const double norm = joint_norm(parameters);
  if (std::isinf(max_norm)) return norm;
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return norm;
  for (Parameter& parameter : parameters) {
    const std::span<float> all = gradient_values(parameter);
    parallel_blocks(static_cast<std::int64_t>(all.size()), kParameterBlock,
                    [&](std::int64_t begin, std::int64_t end) {
                      for (std::int64_t i = begin; i < end; ++i)
                        all[static_cast<std::size_t>(i)] *= static_cast<float>(factor);
                    });
  }
  return norm;
}

}  // namespace lucid
