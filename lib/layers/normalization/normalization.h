#pragma once
// Private to this room.

#include <optional>
#include <string>
#include <vector>

#include "kernels/normalize/normalize.h"
#include "layers/layer/layer.h"

namespace lucid {

// BatchNorm3D, GroupNorm and InstanceNorm3D share these: statistics, their application, and the
// backward pass. The step that normalizes applies a fused ReLU as well.
struct NormalizationArguments {
  std::optional<std::int64_t> channels;
  double eps = 0;
  bool affine = true;  // each channel has a weight and a bias
  double init = 1;     // what the weights start from
  bool sync = false;   // statistics are those of all shards of a batch
};

// The name of our own kernels, as plans report it.
inline const std::string kNormalizeImplementation = "lucid:normalize";

inline constexpr IntegerRange kNormalizedChannels{1, 1 << 24};

// Reads all arguments but the number of channels, whose key differs between the layers, as does the
// default of "affine".
NormalizationArguments read_normalization(JsonObject& object, bool affine_by_default);

std::vector<ArgumentError> channel_errors(const NormalizationArguments& arguments,
                                          const std::string& channels_key, const Shape& input);
std::vector<ParameterSpec> affine_parameters(const NormalizationArguments& arguments,
                                             std::int64_t channels);
double normalization_flops(const Shape& input);

// Holds a normalization while it is recorded.
struct NormalizationSteps {
  std::string what;  // "batch norm"
  PanelNormalization normalization;
  bool affine, sync;
  Layout layout;
  Value x, statistics;
};

// Starts from the builder's input. `statistics` has storage, which no step has written yet.
NormalizationSteps begin_normalization(PlanBuilder& b, const std::string& what,
                                       const NormalizationArguments& arguments,
                                       const StatisticSets& sets);
void record_measurement(PlanBuilder& b, const NormalizationSteps& steps);

// Makes the statistics those of all shards of the batch. Returns the number of values that they are
// of, a double.
Value record_synchronization(PlanBuilder& b, const NormalizationSteps& steps);
// Makes the sums that record_gradient_sums() returned those of all shards, times the share that
// this one has in the batch: as much as the input's gradient, which divides by its own values,
// takes.
void record_sums_synchronization(PlanBuilder& b, const NormalizationSteps& steps, Value sums);

// Sets the output. Returns the backward pass, for statistics that record_measurement() measured; it
// is empty in inference plans.
Backward record_normalization(PlanBuilder& b, const NormalizationSteps& steps);

// Does the same in one step with the ReLU and the max pooling that follow. Returns nullopt if they
// do not follow, or if that is not possible.
std::optional<Backward> record_pooled_normalization(PlanBuilder& b,
                                                    const NormalizationSteps& steps);

// Appends weight and bias to the arguments of a step, if there are any.
std::vector<Argument> with_affine(PlanBuilder& b, const NormalizationSteps& steps,
                                  std::vector<Argument> arguments);
// Takes what the gradients of a normalization are computed from out of a step's arguments.
NormalizeBackward normalize_backward_of(const StepArguments& step, Rectify rectify);
// Records the sums and the parameters' gradients that follow from them.
Value record_gradient_sums(PlanBuilder& b, const NormalizationSteps& steps, Value dy);

}  // namespace lucid
