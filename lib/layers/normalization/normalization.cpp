#include "layers/normalization/normalization.h"

#include "layers/layer/panel_layout.h"

namespace lucid {
namespace {

const std::string kImplementation = "lucid:normalize";

Rectify rectify_of(const PlanBuilder& b) {
  if (!b.relu_follows()) return Rectify::kNo;
  return b.relu_slope() == 0 ? Rectify::kYes : Rectify::kLeaky;
}

// On the way back; a ReLU that is undone already is as good as none.
Rectify backward_rectify(const PlanBuilder& b) {
  return b.relu_is_undone() ? Rectify::kNo : rectify_of(b);
}

const float* floats(void* storage) { return static_cast<const float*>(storage); }

std::vector<Argument> backward_arguments(PlanBuilder& b, const NormalizationSteps& steps,
                                         Value dy) {
  return with_affine(
      b, steps,
      {{DNNL_ARG_SRC, steps.x}, {DNNL_ARG_MEAN, steps.statistics}, {DNNL_ARG_DIFF_DST, dy}});
}
void record_input_gradient(PlanBuilder& b, const NormalizationSteps& steps, Value dy, Value sums) {
  std::vector<Argument> arguments = backward_arguments(b, steps, dy);
  const Value dx = b.owns(dy) ? dy : b.produce(steps.layout);
  arguments.push_back({DNNL_ARG_WORKSPACE, sums});
  arguments.push_back({DNNL_ARG_SCRATCHPAD,
                       b.produce(workspace_layout<PartialSums>(steps.normalization.set_count()))});
  arguments.push_back({DNNL_ARG_DIFF_SRC, dx});
  b.host_step(steps.what + " input gradient", kImplementation, std::move(arguments),
              [n = steps.normalization, affine = steps.affine,
               rectify = backward_rectify(b)](std::span<void* const> storage) {
                const std::span<void* const> results = storage.subspan(affine ? 5 : 3);
                normalize_input_gradient(n, normalize_backward_of(storage, affine, rectify),
                                         static_cast<const PartialSums*>(results[0]),
                                         static_cast<PartialSums*>(results[1]),
                                         static_cast<float*>(results[2]));
              });
  b.set_input_gradient(dx);
}

}  // namespace

std::vector<Argument> with_affine(PlanBuilder& b, const NormalizationSteps& steps,
                                  std::vector<Argument> arguments) {
  if (!steps.affine) return arguments;
  const Layout layout = onednn::plain_layout(Shape{steps.normalization.panels.channels});
  arguments.push_back({DNNL_ARG_WEIGHTS, b.parameter("weight", layout)});
  arguments.push_back({DNNL_ARG_BIAS, b.parameter("bias", layout)});
  return arguments;
}

NormalizeBackward normalize_backward_of(std::span<void* const> storage, bool affine,
                                        Rectify rectify) {
  return {.statistics = static_cast<const Statistics*>(storage[1]),
          .weight = affine ? floats(storage[3]) : nullptr,
          .bias = affine ? floats(storage[4]) : nullptr,
          .rectify = rectify,
          .x = floats(storage[0]),
          .dy = floats(storage[2])};
}

Value record_gradient_sums(PlanBuilder& b, const NormalizationSteps& steps, Value dy) {
  const Panels& panels = steps.normalization.panels;
  const Value sums = b.produce(workspace_layout<PartialSums>(panels.samples * panels.channels));
  std::vector<Argument> arguments = backward_arguments(b, steps, dy);
  arguments.push_back({DNNL_ARG_SCRATCHPAD, b.produce(workspace_layout<PartialSums>(
                                                steps.normalization.partial_count()))});
  arguments.push_back({DNNL_ARG_WORKSPACE, sums});
  Value dw, db;
  if (steps.affine) {
    const Layout layout = onednn::plain_layout(Shape{steps.normalization.panels.channels});
    arguments.push_back({DNNL_ARG_DIFF_WEIGHTS, dw = b.produce(layout)});
    arguments.push_back({DNNL_ARG_DIFF_BIAS, db = b.produce(layout)});
  }
  b.host_step(steps.what + " sums", kImplementation, std::move(arguments),
              [n = steps.normalization, affine = steps.affine,
               rectify = backward_rectify(b)](std::span<void* const> storage) {
                const std::span<void* const> results = storage.subspan(affine ? 5 : 3);
                normalize_parameter_gradients(n, normalize_backward_of(storage, affine, rectify),
                                              static_cast<PartialSums*>(results[0]),
                                              static_cast<PartialSums*>(results[1]),
                                              affine ? static_cast<float*>(results[2]) : nullptr,
                                              affine ? static_cast<float*>(results[3]) : nullptr);
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
  return {{.name = "weight", .shape = Shape{channels}, .initial = 1},
          {.name = "bias", .shape = Shape{channels}}};
}

double normalization_flops(const Shape& input) {
  constexpr double kPerValue = 7;  // a sum; a deviation, its square, a sum; three to apply them
  return kPerValue * static_cast<double>(input.elements());
}

NormalizationSteps begin_normalization(PlanBuilder& b, const std::string& what,
                                       const NormalizationArguments& arguments,
                                       const StatisticSets& sets) {
  const Layout layout = panel_layout(b.layout(b.input()));
  const Normalization normalization{panels_of(layout), sets, arguments.eps, b.relu_slope()};
  return {.what = what,
          .normalization = normalization,
          .affine = arguments.affine,
          .layout = layout,
          .x = b.in_layout(b.input(), layout),
          .statistics = b.produce(workspace_layout<Statistics>(normalization.set_count()))};
}

void record_measurement(PlanBuilder& b, const NormalizationSteps& steps) {
  const Normalization& n = steps.normalization;
  const Value partials = b.produce(workspace_layout<PartialSums>(n.partial_count()));
  b.host_step(
      steps.what + " statistics", kImplementation,
      {{DNNL_ARG_SRC, steps.x}, {DNNL_ARG_SCRATCHPAD, partials}, {DNNL_ARG_MEAN, steps.statistics}},
      [n](std::span<void* const> storage) {
        measure_statistics(n, floats(storage[0]), static_cast<PartialSums*>(storage[1]),
                           static_cast<Statistics*>(storage[2]));
      });
}

Backward record_normalization(PlanBuilder& b, const NormalizationSteps& steps) {
  if (auto backward = record_pooled_normalization(b, steps)) return *backward;
  const Value y = b.produce(steps.layout);
  b.host_step(
      b.with_followers(steps.what), kImplementation,
      with_affine(b, steps,
                  {{DNNL_ARG_SRC, steps.x}, {DNNL_ARG_MEAN, steps.statistics}, {DNNL_ARG_DST, y}}),
      [n = steps.normalization, affine = steps.affine,
       rectify = rectify_of(b)](std::span<void* const> storage) {
        normalize(n, static_cast<const Statistics*>(storage[1]),
                  affine ? floats(storage[3]) : nullptr, affine ? floats(storage[4]) : nullptr,
                  rectify, floats(storage[0]), static_cast<float*>(storage[2]));
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
