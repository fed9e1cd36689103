#include "infer/predict/predicted_labels.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "objective/metric/class_metrics.h"

namespace lucid {
namespace {

constexpr Label kNoClass = std::numeric_limits<Label>::max();

Label largest_label(OutputType type) {
  if (type == OutputType::kUint8) return std::numeric_limits<std::uint8_t>::max();
  return type == OutputType::kUint16 ? std::numeric_limits<std::uint16_t>::max() : kNoClass - 1;
}

void check_type(const InferOptions& options, OutputType type) {
  const PostprocessRules& rules = *options.postprocess;
  const std::string found = output_type_names()[static_cast<std::size_t>(type)];
  if (rules.steps.number_components && type != OutputType::kInt32)
    throw Error(
        ExitCode::kUsage,
        "--output-type: expected int32 for the numbers of --postprocess components, found " +
            found);
  if (rules.largest_new_label() > largest_label(type))
    throw Error(ExitCode::kUsage, "--output-type: expected a type that holds label " +
                                      std::to_string(rules.largest_new_label()) +
                                      " of --postprocess merge, found " + found);
}

// Targets are compared with classes of the network.
void check_target(const PostprocessRules& rules, const TrainedConfig& config) {
  const std::int64_t classes = config.graph.output_shape()[0];
  if (rules.steps.number_components)
    throw Error(ExitCode::kUsage,
                "--target: expected classes to compare with, found the numbers of --postprocess "
                "components; lucid-data evaluate --instances compares them");
  if (rules.largest_new_label() >= classes)
    throw Error(ExitCode::kUsage, "--target: expected labels below " + std::to_string(classes) +
                                      ", the number of classes, found label " +
                                      std::to_string(rules.largest_new_label()) +
                                      " of --postprocess merge");
  if (config.objective->main().prediction_kind() != PredictionKind::kClassLogits)
    throw Error(ExitCode::kUsage,
                "--target: expected a network trained with a loss over classes for --postprocess, "
                "found " +
                    config.objective->main().type());
}

}  // namespace

void check_postprocess(const InferOptions& options, const TrainedConfig& config) {
  if (!options.postprocess) return;
  if (options.activation != Activation::kArgmax)
    throw Error(ExitCode::kUsage,
                "--postprocess requires --activation argmax, as its rules are about classes");
  check_type(options, options.output_type.value_or(OutputType::kInt32));
  if (options.target) check_target(*options.postprocess, config);
}

OutputType postprocessed_type(const PostprocessRules& rules, std::int64_t classes) {
  if (rules.steps.number_components) return OutputType::kInt32;
  // One value more stands for voxels without a class.
  const std::int64_t most = std::max<std::int64_t>(classes, rules.largest_new_label());
  for (const OutputType type : {OutputType::kUint8, OutputType::kUint16})
    if (most <= largest_label(type)) return type;
  return OutputType::kInt32;
}

void load_labels(const OutputFormat& format, std::span<const std::byte> written,
                 std::span<Label> labels) {
  with_element(*format.element(), [&](auto element) {
    const auto* from = reinterpret_cast<const decltype(element)*>(written.data());
    for (Label& label : labels) {
      label = static_cast<Label>(*from++);
      if (label < 0) label = kNoClass;
    }
  });
}

void store_labels(const OutputFormat& format, std::span<const Label> labels,
                  std::span<std::byte> written) {
  with_element(*format.element(), [&](auto element) {
    using Stored = decltype(element);
    auto* to = reinterpret_cast<Stored*>(written.data());
    for (const Label label : labels) *to++ = static_cast<Stored>(label == kNoClass ? -1 : label);
  });
}

void LabelsInMemory::read(std::span<Label> plane) {
  std::copy_n(labels_.begin() + static_cast<std::ptrdiff_t>(next_), plane.size(), plane.begin());
  next_ += plane.size();
}

std::vector<MetricConfig> metrics_of_scores(const InferOptions& options,
                                            const TrainedConfig& config) {
  std::vector<MetricConfig> metrics = config.metrics;
  if (options.postprocess) std::erase_if(metrics, is_of_classes);
  return metrics;
}

LabelMetrics::LabelMetrics(const Predictor& predictor)
    : classes_(predictor.graph().output_shape()[0]) {
  const TrainedConfig& config = predictor.config();
  for (const MetricConfig& metric : config.metrics)
    if (is_of_classes(metric))
      metrics_.push_back(
          make_metric(metric, config.objective->main(), predictor.graph().output_shape()));
}

// A score of 1 says the class; a voxel without one counts as the first, as scores of NaN do.
void LabelMetrics::add(std::span<const Label> labels, std::span<const float> target) {
  const std::size_t voxels = labels.size();
  scores_.assign(static_cast<std::size_t>(classes_) * voxels, 0.F);
  for (std::size_t v = 0; v < voxels; ++v)
    if (labels[v] < classes_) scores_[static_cast<std::size_t>(labels[v]) * voxels + v] = 1;
  const Shape shape{1, classes_, 1, 1, static_cast<Shape::Extent>(voxels)};
  for (const auto& metric : metrics_) metric->add(shape, scores_, target);
}

void LabelMetrics::report(Measurements& measured) const {
  for (const auto& metric : metrics_) metric->report(measured);
}

}  // namespace lucid
