#include "objective/evaluation.h"

#include <limits>

namespace lucid {
namespace {

constexpr auto kNothingCounts =
    "no target counts in the loss: each is ignored, or its class has weight 0";

}  // namespace

Evaluation::Evaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
                       const Shape& prediction)
    : objective_(&objective) {
  for (const MetricConfig& metric : metrics)
    metrics_.push_back(make_metric(metric, objective.main(), prediction));
}

void Evaluation::reset() {
  sums_.clear();
  for (const auto& metric : metrics_) metric->reset();
}

void Evaluation::measure(std::span<const OutputValues> outputs, std::span<const float> target,
                         std::vector<double>& numbers) {
  objective_->differentiate(outputs, target, {}, batch_);
  batch_.append_to(numbers);
  const OutputValues& main = outputs.front();
  for (const auto& metric : metrics_) metric->measure(main.shape, main.values, target, numbers);
}

void Evaluation::take(std::span<const double>& numbers) {
  sums_ += ObjectiveSums::taken_from(numbers);
  for (const auto& metric : metrics_) metric->take(numbers);
}

void Evaluation::join(Ranks& ranks) {
  for (const auto& metric : metrics_) metric->join(ranks);
}

void Evaluation::add(std::span<const OutputValues> outputs, std::span<const float> target) {
  std::vector<double> numbers;
  measure(outputs, target, numbers);
  std::span<const double> left = numbers;
  take(left);
}

void Evaluation::add_part(std::span<const OutputValues> outputs,
                          std::span<const std::span<const float>> targets) {
  parts_ += objective_->sums_of_part(outputs, targets);
  const OutputValues& main = outputs.front();
  for (const auto& metric : metrics_) metric->add(main.shape, main.values, targets.front());
}

void Evaluation::end_sample() {
  sums_ += objective_->joined_parts(parts_);
  parts_.clear();
}

Measurements Evaluation::measured() const {
  Measurements measured;
  const auto loss = objective_->value(sums_);
  measured.add_value("loss", loss.value_or(std::numeric_limits<double>::quiet_NaN()),
                     kNothingCounts);
  for (const auto& metric : metrics_) metric->report(measured);
  return measured;
}

}  // namespace lucid
