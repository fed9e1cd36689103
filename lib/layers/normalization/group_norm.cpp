#include "layers/normalization/group_norm.h"

#include <nlohmann/json.hpp>

#include "layers/normalization/normalization.h"

namespace lucid {
namespace {

// Normalizes groups of neighbouring channels of each sample by their own mean and variance.
class GroupNorm : public Layer {
 public:
  GroupNorm(const NormalizationArguments& arguments, std::int64_t groups)
      : a_(arguments), groups_(groups) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    const std::int64_t channels = inputs[0][0];
    std::vector<ArgumentError> errors = channel_errors(a_, "num_channels", inputs[0]);
    if (channels % groups_ != 0 && errors.empty())
      errors.push_back({"num_groups", "expected a divisor of the " + std::to_string(channels) +
                                          " channels of its input, found " +
                                          std::to_string(groups_)});
    else if (inputs[0].elements() == groups_)
      errors.push_back({"num_groups", "expected groups of more than one value, found " +
                                          std::to_string(groups_) + " groups over " +
                                          inputs[0].str()});
    return errors;
  }
  Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override {
    return affine_parameters(a_, inputs[0][0]);
  }
  double flops(std::span<const Shape> inputs) const override {
    return normalization_flops(inputs[0]);
  }
  std::optional<Reach> reach(std::size_t) const override { return {}; }
  bool can_apply_relu() const override { return true; }
  bool can_apply_leaky_relu() const override { return true; }

  Backward compile(PlanBuilder& b) const override {
    const Shape batch = onednn::shape_of(b.layout(b.input()));
    const StatisticSets sets{.channels = batch[1] / groups_};
    const NormalizationSteps steps = begin_normalization(b, "group norm", a_, sets);
    record_measurement(b, steps);
    return record_normalization(b, steps);
  }

 private:
  NormalizationArguments a_;
  std::int64_t groups_;
};

}  // namespace

std::unique_ptr<Layer> make_group_norm(JsonObject& object) {
  const std::int64_t groups = object.integer("num_groups", kNormalizedChannels);
  NormalizationArguments arguments = read_normalization(object, true);
  if (object.has("num_channels"))
    arguments.channels = object.integer("num_channels", kNormalizedChannels);
  if (arguments.channels && *arguments.channels % groups != 0 && object.is_sound())
    object.error("num_groups", "expected a divisor of the " + std::to_string(*arguments.channels) +
                                   " channels, found " + std::to_string(groups));
  return std::make_unique<GroupNorm>(arguments, groups);
}

}  // namespace lucid
