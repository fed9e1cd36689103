#include "objective/case_evaluation.h"

#include <algorithm>
#include <limits>

namespace lucid {

CaseEvaluation::CaseEvaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
                               const Shape& prediction, bool have_voxels)
    : objective_(&objective) {
  for (const MetricConfig& metric : metrics)
    if (metric.is_of_cases(have_voxels))
      metrics_.push_back(make_metric(metric, objective.main(), prediction));
  names_ = measured().names();
}

const ObjectiveSums& CaseEvaluation::add(std::span<const OutputValues> outputs,
                                         std::span<const float> target) {
  objective_->differentiate(outputs, target, {}, sample_);
  sums_ += sample_;
  const OutputValues& main = outputs.front();
  for (const auto& metric : metrics_) metric->add(main.shape, main.values, target);
  return sample_;
}

void CaseEvaluation::end_case(std::vector<double>& values) {
  const Measurements found = measured();
  for (const auto& [name, value] : found.values) values.push_back(value);
  for (const auto& [name, value] : found.details) values.push_back(value);
  sums_.clear();
  for (const auto& metric : metrics_) metric->reset();
}

Measurements CaseEvaluation::measured() const {
  Measurements measured;
  measured.values.emplace_back(
      "loss", objective_->value(sums_).value_or(std::numeric_limits<double>::quiet_NaN()));
  for (const auto& metric : metrics_) metric->report(measured);
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
