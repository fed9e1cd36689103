#include <nlohmann/json.hpp>

#include "base/text.h"
#include "layers/layer/layers.h"
#include "layers/layer/window.h"
#include "layers/normalization/normalization.h"

namespace lucid {
namespace {

// Normalizes each channel: in training by the mean and variance of the batch, in inference by their
// running averages.
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
    specs.push_back({.name = "running_mean",
                     .shape = Shape{channels},
                     .is_buffer = true,
                     .momentum = momentum_,
                     .is_synchronized = a_.sync});
    specs.push_back({.name = "running_var",
                     .shape = Shape{channels},
                     .initial = 1,
                     .is_buffer = true,
                     .momentum = momentum_,
                     .is_synchronized = a_.sync});
    return specs;
  }
  Cost cost(std::span<const Shape> inputs) const override {
    return {.flops = normalization_flops(inputs[0])};
  }
  Fusion fusion(std::span<const Shape>) const override {
    return {.applies_relu = true, .frozen_norm_eps = a_.eps};
  }

  Backward compile(PlanBuilder& b) const override {
    const Shape batch = onednn::shape_of(b.layout(b.input()));
    const StatisticSets sets{.channels = 1, .samples = batch[0]};
    const NormalizationSteps steps = begin_normalization(b, "batch norm", a_, sets);
    if (b.training()) {
      check_count(b, batch);
      record_measurement(b, steps);
      record_update(b, steps, a_.sync ? record_synchronization(b, steps) : Value{});
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
  void record_update(PlanBuilder& b, const NormalizationSteps& steps, Value count) const;
  static void record_lookup(PlanBuilder& b, const NormalizationSteps& steps);

  NormalizationArguments a_;
  double momentum_;
};

// The running variance is unbiased, divided by count - 1, as in PyTorch. `count` is a value where
// it is that of all shards.
void BatchNorm3D::record_update(PlanBuilder& b, const NormalizationSteps& steps,
                                Value count) const {
  const PanelNormalization& n = steps.normalization;
  const auto follow = [](double momentum, float& running, double found) {
    running = static_cast<float>((1 - momentum) * static_cast<double>(running) + momentum * found);
  };
  std::vector<Argument> arguments{reads(Slot::kRandomState, b.random_state()),
                                  reads(Slot::kStatistics, steps.statistics),
                                  updates(Slot::kMean, b.buffer("running_mean")),
                                  updates(Slot::kVariance, b.buffer("running_var"))};
  if (count) arguments.push_back(reads(Slot::kCount, count));
  b.host_step(
      "running statistics", kNormalizeImplementation, std::move(arguments),
      [channels = n.panels.channels, own_count = static_cast<double>(n.sets.values(n.panels)),
       follow, own = momentum_](const StepArguments& step) {
        const double* of_all = step.maybe<double>(Slot::kCount);
        const double values = of_all == nullptr ? own_count : *of_all;
        const double unbiased = values / (values - 1);
        const bool replaces = step.in<RandomState>(Slot::kRandomState)->replaces_statistics;
        const double momentum = replaces ? 1 : own;
        const auto* statistics = step.in<SetStatistics>(Slot::kStatistics);
        float *mean = step.out(Slot::kMean), *variance = step.out(Slot::kVariance);
        for (std::int64_t c = 0; c < channels; ++c) {
          follow(momentum, mean[c], statistics[c].mean);
          follow(momentum, variance[c], statistics[c].variance * unbiased);
        }
      });
}

void BatchNorm3D::record_lookup(PlanBuilder& b, const NormalizationSteps& steps) {
  b.host_step("running statistics", kNormalizeImplementation,
              {reads(Slot::kMean, b.buffer("running_mean")),
               reads(Slot::kVariance, b.buffer("running_var")),
               updates(Slot::kStatistics, steps.statistics)},
              [n = steps.normalization](const StepArguments& step) {
                const float *mean = step.in(Slot::kMean), *variance = step.in(Slot::kVariance);
                auto* statistics = step.out<SetStatistics>(Slot::kStatistics);
                for (std::int64_t c = 0; c < n.panels.channels; ++c)
                  statistics[c] = {mean[c], variance[c], inverse_deviation(variance[c], n.eps)};
              });
}

}  // namespace

std::unique_ptr<Layer> make_batch_norm3d(JsonObject& object) {
  NormalizationArguments arguments = read_normalization(object, true);
  if (object.has("num_features"))
    arguments.channels = object.integer("num_features", kNormalizedChannels);
  const double momentum = object.number("momentum", NumberRange{0, 1}, 0.1);
  arguments.sync = object.boolean("sync", false);
  object.only("track_running_stats", true);
  return std::make_unique<BatchNorm3D>(arguments, momentum);
}

}  // namespace lucid
