#include "layers/normalization/instance_norm3d.h"

#include <nlohmann/json.hpp>

#include "layers/layer/window.h"
#include "layers/normalization/normalization.h"

namespace lucid {
namespace {

// Normalizes each channel of each sample by its own mean and variance.
class InstanceNorm3D : public Layer {
 public:
  explicit InstanceNorm3D(const NormalizationArguments& arguments) : a_(arguments) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    return channel_errors(a_, "num_features", inputs[0]);
  }
  Shape output_shape(std::span<const Shape> inputs) const override {
    if (spatial_extents(inputs[0]) == Triple{1, 1, 1})
      throw Error(ExitCode::kUsage,
                  "expected more than one voxel per channel, found " + inputs[0].str());
    return inputs[0];
  }
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
    const NormalizationSteps steps = begin_normalization(b, "instance norm", a_, StatisticSets{});
    record_measurement(b, steps);
    return record_normalization(b, steps);
  }

 private:
  NormalizationArguments a_;
};

}  // namespace

std::unique_ptr<Layer> make_instance_norm3d(JsonObject& object) {
  NormalizationArguments arguments = read_normalization(object, false);
  if (object.has("num_features"))
    arguments.channels = object.integer("num_features", kNormalizedChannels);
  object.only("momentum", 0.1);
  object.only("track_running_stats", false);
  return std::make_unique<InstanceNorm3D>(arguments);
}

}  // namespace lucid
