#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/normalize.h"
#include "layers/layer.h"

// What BatchNorm3D, GroupNorm and InstanceNorm3D share: statistics, their application, and the way
// back. A ReLU that follows is applied on the way.
namespace lucid {

struct NormalizationArguments {
  std::optional<std::int64_t> channels;
  double eps = 0;
  bool affine = true;  // a weight and a bias a channel
};

inline constexpr IntegerRange kNormalizedChannels{1, 1 << 24};

// All but the channels, which the layers call by different names, and whose default for affine
// differs.
NormalizationArguments read_normalization(JsonObject& object, bool affine_by_default);

std::vector<Complaint> channel_complaints(const NormalizationArguments& arguments,
                                          const std::string& channels_key, const Shape& input);
std::vector<ParameterSpec> affine_parameters(const NormalizationArguments& arguments,
                                             std::int64_t channels);
double normalization_flops(const Shape& input);

// A normalization while it is recorded.
struct NormalizationSteps {
  std::string what;  // "batch norm"
  Normalization normalization;
  bool affine;
  Layout layout;
  Value x, statistics;
};

// Takes the builder's input; `statistics` has storage, and nothing in it yet.
NormalizationSteps begin_normalization(PlanBuilder& b, const std::string& what,
                                       const NormalizationArguments& arguments,
                                       const StatisticSets& sets);
void record_measurement(PlanBuilder& b, const NormalizationSteps& steps);
void record_normalization(PlanBuilder& b, const NormalizationSteps& steps);  // sets the output

// Through statistics that record_measurement() measured; empty in inference plans.
Backward normalization_backward(PlanBuilder& b, const NormalizationSteps& steps);

}  // namespace lucid
