#include "objective/case_evaluation.h"

#include <algorithm>
#include <limits>

namespace lucid {

CaseEvaluation::CaseEvaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
                               const Shape& prediction, bool have_voxels)
    : objective_(&objective) {
  for (const MetricConfig& metric : metrics)
    metrics_.push_back(
        {make_metric(metric, objective.main(), prediction), metric.is_of_cases(have_voxels)});
  names_ = measured().names();
}

void CaseEvaluation::take(std::span<const double>& numbers) {
  sums_ += ObjectiveSums::taken_from(numbers);
  for (const Each& each : metrics_) each.metric->take(numbers);
}

void CaseEvaluation::end_case(std::vector<double>& values) {
  const Measurements found = measured();
  for (const auto& [name, value] : found.values) values.push_back(value);
  for (const auto& [name, value] : found.details) values.push_back(value);
  sums_.clear();
  for (const Each& each : metrics_) each.metric->reset();
}

Measurements CaseEvaluation::measured() const {
  Measurements measured;
  measured.values.emplace_back(
      "loss", objective_->value(sums_).value_or(std::numeric_limits<double>::quiet_NaN()));
  for (const Each& each : metrics_)
    if (each.is_of_cases) each.metric->report(measured);
  return measured;
}

std::optional<ClassPair> classes_of(const Loss& loss, const OutputValues& sample,
                                    std::span<const float> target) {
  if (target.size() != 1) return std::nullopt;
  const std::span<const float> logits = sample.values;
  if (loss.prediction_kind() == PredictionKind::kClassLogits)
    return ClassPair{static_cast<std::int64_t>(target[0]),
                     std::ranges::max_element(logits) - logits.begin()};
  if (loss.prediction_kind() == PredictionKind::kBinaryLogits)
    return ClassPair{target[0] > 0.5F ? 1 : 0, logits[0] > 0 ? 1 : 0};
  return std::nullopt;
}

}  // namespace lucid
