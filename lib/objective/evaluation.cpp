#include "objective/evaluation.h"

#include <algorithm>
#include <functional>

namespace lucid {

Evaluation::Evaluation(Objective& objective, const std::vector<MetricConfig>& metrics,
                       const Shape& prediction)
    : objective_(&objective) {
  for (const MetricConfig& metric : metrics)
    metrics_.push_back(make_metric(metric, objective.main(), prediction));
}

void Evaluation::reset() {
  loss_sum_ = 0;
  samples_ = 0;
  for (const auto& metric : metrics_) metric->reset();
}

void Evaluation::add(std::span<const OutputValues> outputs, std::span<const float> target) {
  const OutputValues& main = outputs.front();
  loss_sum_ += static_cast<double>(objective_->evaluate(outputs, target)) *
               static_cast<double>(main.shape[0]);
  samples_ += main.shape[0];
  for (const auto& metric : metrics_) metric->add(main.shape, main.values, target);
}

void Evaluation::add_part(std::span<const OutputValues> outputs, std::span<const float> target) {
  const Objective::Sums part = objective_->sums(outputs, target);
  if (sums_.empty())
    sums_ = part;
  else
    for (std::size_t i = 0; i < part.size(); ++i)
      std::ranges::transform(part[i], sums_[i], sums_[i].begin(), std::plus());
  const OutputValues& main = outputs.front();
  for (const auto& metric : metrics_) metric->add(main.shape, main.values, target);
}

void Evaluation::end_sample() {
  loss_sum_ += objective_->of_sums(sums_);
  ++samples_;
  sums_.clear();
}

Measurements Evaluation::measured() const {
  Measurements measured;
  measured.values.emplace_back("loss", loss_sum_ / static_cast<double>(samples_));
  for (const auto& metric : metrics_) metric->report(measured);
  return measured;
}

}  // namespace lucid
