#include "layers/normalization/normalization.h"

#include "layers/layer/panel_layout.h"

namespace lucid {
namespace {

Rectify rectify_of(const PlanBuilder& b) {
  if (!b.relu_follows()) return Rectify::kNo;
  return b.relu_slope() == 0 ? Rectify::kYes : Rectify::kLeaky;
}

// Ignores a ReLU whose backward pass is folded into the node behind it.
Rectify backward_rectify(const PlanBuilder& b) {
  return b.relu_backward_is_folded() ? Rectify::kNo : rectify_of(b);
}

std::vector<Argument> backward_arguments(PlanBuilder& b, const NormalizationSteps& steps,
                                         Value dy) {
  return with_affine(
      b, steps,
      {reads(Slot::kX, steps.x), reads(Slot::kStatistics, steps.statistics), reads(Slot::kDy, dy)});
}
void record_input_gradient(PlanBuilder& b, const NormalizationSteps& steps, Value dy, Value sums) {
  if (steps.sync) record_sums_synchronization(b, steps, sums);
  std::vector<Argument> arguments = backward_arguments(b, steps, dy);
  const Value dx = b.owns(dy) ? dy : b.produce(steps.layout);
  const Value set_sums = b.produce(workspace_layout<PartialSums>(steps.normalization.set_count()));
  arguments.push_back(reads(Slot::kSums, sums));
  arguments.push_back(updates(Slot::kScratchpad, set_sums));
  arguments.push_back(writes(Slot::kDx, dx));
  b.host_step(steps.what + " input gradient", kNormalizeImplementation, std::move(arguments),
              [n = steps.normalization, rectify = backward_rectify(b)](const StepArguments& step) {
                normalize_input_gradient(
                    n, normalize_backward_of(step, rectify), step.in<PartialSums>(Slot::kSums),
                    step.out<PartialSums>(Slot::kScratchpad), step.out(Slot::kDx));
              });
  b.set_input_gradient(dx);
}

}  // namespace

std::vector<Argument> with_affine(PlanBuilder& b, const NormalizationSteps& steps,
                                  std::vector<Argument> arguments) {
  if (!steps.affine) return arguments;
  const Layout layout = onednn::plain_layout(Shape{steps.normalization.panels.channels});
  arguments.push_back(reads(Slot::kWeight, b.parameter("weight", layout)));
  arguments.push_back(reads(Slot::kBias, b.parameter("bias", layout)));
  return arguments;
}

NormalizeBackward normalize_backward_of(const StepArguments& step, Rectify rectify) {
  return {.statistics = step.in<SetStatistics>(Slot::kStatistics),
          .weight = step.maybe(Slot::kWeight),
          .bias = step.maybe(Slot::kBias),
          .rectify = rectify,
          .x = step.in(Slot::kX),
          .dy = step.in(Slot::kDy)};
}

Value record_gradient_sums(PlanBuilder& b, const NormalizationSteps& steps, Value dy) {
  const Panels& panels = steps.normalization.panels;
  const Value sums = b.produce(workspace_layout<PartialSums>(panels.samples * panels.channels));
  std::vector<Argument> arguments = backward_arguments(b, steps, dy);
  const Value partials =
      b.produce(workspace_layout<PartialSums>(steps.normalization.partial_count()));
  arguments.push_back(updates(Slot::kScratchpad, partials));
  arguments.push_back(updates(Slot::kSums, sums));
  Value dw, db;
  if (steps.affine) {
    const Layout layout = onednn::plain_layout(Shape{steps.normalization.panels.channels});
    arguments.push_back(writes(Slot::kDw, dw = b.produce(layout)));
    arguments.push_back(writes(Slot::kDb, db = b.produce(layout)));
  }
  b.host_step(steps.what + " sums", kNormalizeImplementation, std::move(arguments),
              [n = steps.normalization, rectify = backward_rectify(b)](const StepArguments& step) {
                normalize_parameter_gradients(n, normalize_backward_of(step, rectify),
                                              step.out<PartialSums>(Slot::kScratchpad),
                                              step.out<PartialSums>(Slot::kSums),
                                              step.maybe_out(Slot::kDw), step.maybe_out(Slot::kDb));
              });
  if (!steps.affine) return sums;
  b.set_parameter_gradient("weight", dw);
  b.set_parameter_gradient("bias", db);
  return sums;
}

NormalizationArguments read_normalization(JsonObject& object, bool affine_by_default) {
  NormalizationArguments arguments;
  arguments.eps = object.number("eps", NumberRange{.low = 1e-30}, 1e-5);
  arguments.affine = object.boolean("affine", affine_by_default);
  if (arguments.affine) arguments.init = object.number("init", {-1e30, 1e30}, arguments.init);
  object.only_null({"device", "dtype"});
  return arguments;
}

std::vector<ArgumentError> channel_errors(const NormalizationArguments& arguments,
                                          const std::string& channels_key, const Shape& input) {
  if (!arguments.channels || *arguments.channels == input[0]) return {};
  return {{channels_key, "expected " + std::to_string(input[0]) +
                             ", the channels of its input, found " +
                             std::to_string(*arguments.channels)}};
}

std::vector<ParameterSpec> affine_parameters(const NormalizationArguments& arguments,
                                             std::int64_t channels) {
  if (!arguments.affine) return {};
  return {{.name = "weight", .shape = Shape{channels}, .initial = arguments.init},
          {.name = "bias", .shape = Shape{channels}}};
}

double normalization_flops(const Shape& input) {
  constexpr double kPerValue =
      7;  // mean: a sum; variance: a difference, a square, a sum; three to normalize
  return kPerValue * static_cast<double>(input.elements());
}

NormalizationSteps begin_normalization(PlanBuilder& b, const std::string& what,
                                       const NormalizationArguments& arguments,
                                       const StatisticSets& sets) {
  const Layout layout = panel_layout(b.layout(b.input()));
  const PanelNormalization normalization{panels_of(layout), sets, arguments.eps, b.relu_slope()};
  return {.what = what,
          .normalization = normalization,
          .affine = arguments.affine,
          .sync = arguments.sync,
          .layout = layout,
          .x = b.in_layout(b.input(), layout),
          .statistics = b.produce(workspace_layout<SetStatistics>(normalization.set_count()))};
}

void record_measurement(PlanBuilder& b, const NormalizationSteps& steps) {
  const PanelNormalization& n = steps.normalization;
  const Value partials = b.produce(workspace_layout<PartialSums>(n.partial_count()));
  b.host_step(steps.what + " statistics", kNormalizeImplementation,
              {reads(Slot::kX, steps.x), updates(Slot::kScratchpad, partials),
               updates(Slot::kStatistics, steps.statistics)},
              [n](const StepArguments& step) {
                measure_statistics(n, step.in(Slot::kX), step.out<PartialSums>(Slot::kScratchpad),
                                   step.out<SetStatistics>(Slot::kStatistics));
              });
}

Backward record_normalization(PlanBuilder& b, const NormalizationSteps& steps) {
  if (auto backward = record_pooled_normalization(b, steps)) return *backward;
  const Value y = b.produce(steps.layout);
  b.host_step(b.with_followers(steps.what), kNormalizeImplementation,
              with_affine(b, steps,
                          {reads(Slot::kX, steps.x), reads(Slot::kStatistics, steps.statistics),
                           writes(Slot::kY, y)}),
              [n = steps.normalization, rectify = rectify_of(b)](const StepArguments& step) {
                normalize(n, step.in<SetStatistics>(Slot::kStatistics), step.maybe(Slot::kWeight),
                          step.maybe(Slot::kBias), rectify, step.in(Slot::kX), step.out(Slot::kY));
              });
  b.set_output(y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    const Value dy = back.output_gradient(steps.layout);
    const Value sums = record_gradient_sums(back, steps, dy);
    if (back.needs_input_gradient()) record_input_gradient(back, steps, dy, sums);
  };
}

}  // namespace lucid
