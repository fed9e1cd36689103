#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/normalize/normalize.h"
#include "layers/layer/layer.h"

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

std::vector<ArgumentError> channel_errors(const NormalizationArguments& arguments,
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

// Sets the output, and returns the way back through statistics that record_measurement() measured;
// it is empty in inference plans.
Backward record_normalization(PlanBuilder& b, const NormalizationSteps& steps);

// ... with the ReLU and the max pooling that follow in one step, where they do and that is
// possible.
std::optional<Backward> record_pooled_normalization(PlanBuilder& b,
                                                    const NormalizationSteps& steps);

// What the two share. Appends weight and bias, where there are any.
std::vector<Argument> with_affine(PlanBuilder& b, const NormalizationSteps& steps,
                                  std::vector<Argument> arguments);
// Of a step whose first arguments are x, the statistics, dy, weight and bias.
NormalizeBackward normalize_backward_of(std::span<void* const> storage, bool affine,
                                        Rectify rectify);
// Records the sums and the parameters' gradients that follow from them.
Value record_gradient_sums(PlanBuilder& b, const NormalizationSteps& steps, Value dy);

}  // namespace lucid
