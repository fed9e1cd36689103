#include "layers/normalization/batch_norm3d.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "layers/layer/window.h"
#include "layers/normalization/normalization.h"

namespace lucid {
namespace {

// Normalizes each channel, in training by the batch's own mean and variance; inference takes their
// running averages instead.
class BatchNorm3D : public Layer {
 public:
  BatchNorm3D(const NormalizationArguments& arguments, double momentum)
      : a_(arguments), momentum_(momentum) {}

  std::vector<ArgumentError> errors(std::span<const Shape> inputs) const override {
    return channel_errors(a_, "num_features", inputs[0]);
  }
  Shape output_shape(std::span<const Shape> inputs) const override {
    spatial_extents(inputs[0]);
    return inputs[0];
  }
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override {
    const Shape::Extent channels = inputs[0][0];
    std::vector<ParameterSpec> specs = affine_parameters(a_, channels);
    specs.push_back({.name = "running_mean", .shape = Shape{channels}, .is_buffer = true});
    specs.push_back(
        {.name = "running_var", .shape = Shape{channels}, .initial = 1, .is_buffer = true});
    return specs;
  }
  double flops(std::span<const Shape> inputs) const override {
    return normalization_flops(inputs[0]);
  }
  bool can_apply_relu() const override { return true; }
  bool can_apply_leaky_relu() const override { return true; }
  std::optional<double> frozen_norm_eps() const override { return a_.eps; }

  Backward compile(PlanBuilder& b) const override {
    const Shape batch = onednn::shape_of(b.layout(b.input()));
    const StatisticSets sets{.channels = 1, .samples = batch[0]};
    const NormalizationSteps steps = begin_normalization(b, "batch norm", a_, sets);
    if (b.training()) {
      check_count(b, batch);
      record_measurement(b, steps);
      record_update(b, steps);
    } else {
      record_lookup(b, steps);
    }
    return record_normalization(b, steps);
  }

 private:
  static void check_count(const PlanBuilder& b, const Shape& batch) {
    if (batch.elements() > batch[1]) return;
    throw Error(ExitCode::kUsage, "layer " + in_quotes(b.name()) +
                                      " (BatchNorm3D): expected more than 1 value per channel "
                                      "when training, found a batch of " +
                                      batch.str() + "; choose another batch_size, or drop_last");
  }
  void record_update(PlanBuilder& b, const NormalizationSteps& steps) const;
  static void record_lookup(PlanBuilder& b, const NormalizationSteps& steps);

  NormalizationArguments a_;
  double momentum_;
};

// The running variance is that of a sample: divided by count - 1, as in PyTorch.
void BatchNorm3D::record_update(PlanBuilder& b, const NormalizationSteps& steps) const {
  const Normalization& n = steps.normalization;
  const auto count = static_cast<double>(n.sets.values(n.panels));
  const auto follow = [momentum = momentum_](float& running, double found) {
    running = static_cast<float>((1 - momentum) * static_cast<double>(running) + momentum * found);
  };
  b.host_step("running statistics", "lucid:normalize",
              {{DNNL_ARG_SRC, steps.statistics},
               {DNNL_ARG_MEAN, b.buffer("running_mean")},
               {DNNL_ARG_VARIANCE, b.buffer("running_var")}},
              [channels = n.panels.channels, unbiased = count / (count - 1),
               follow](std::span<void* const> storage) {
                const auto* statistics = static_cast<const Statistics*>(storage[0]);
                for (std::int64_t c = 0; c < channels; ++c) {
                  follow(static_cast<float*>(storage[1])[c], statistics[c].mean);
                  follow(static_cast<float*>(storage[2])[c], statistics[c].variance * unbiased);
                }
              });
}

void BatchNorm3D::record_lookup(PlanBuilder& b, const NormalizationSteps& steps) {
  b.host_step("running statistics", "lucid:normalize",
              {{DNNL_ARG_MEAN, b.buffer("running_mean")},
               {DNNL_ARG_VARIANCE, b.buffer("running_var")},
               {DNNL_ARG_WORKSPACE, steps.statistics}},
              [n = steps.normalization](std::span<void* const> storage) {
                auto* statistics = static_cast<Statistics*>(storage[2]);
                for (std::int64_t c = 0; c < n.panels.channels; ++c) {
                  const double mean = static_cast<const float*>(storage[0])[c];
                  const double variance = static_cast<const float*>(storage[1])[c];
                  statistics[c] = {mean, variance, inverse_deviation(variance, n.eps)};
                }
              });
}

}  // namespace

std::unique_ptr<Layer> make_batch_norm3d(JsonObject& object) {
  NormalizationArguments arguments = read_normalization(object, true);
  if (object.has("num_features"))
    arguments.channels = object.integer("num_features", kNormalizedChannels);
  const double momentum = object.number("momentum", NumberRange{0, 1}, 0.1);
  object.only("track_running_stats", true);
  return std::make_unique<BatchNorm3D>(arguments, momentum);
}

}  // namespace lucid
