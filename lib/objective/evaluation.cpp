#include "objective/evaluation.h"

namespace lucid {

Evaluation::Evaluation(Objective& objective, const std::vector<std::string>& metrics,
                       const Shape& prediction)
    : objective_(&objective) {
  for (const std::string& name : metrics)
    metrics_.push_back(make_metric(name, objective.main(), prediction));
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

std::vector<std::pair<std::string, double>> Evaluation::values() const {
  std::vector<std::pair<std::string, double>> values{
      {"loss", loss_sum_ / static_cast<double>(samples_)}};
  for (const auto& metric : metrics_) values.emplace_back(metric->name(), metric->value());
  return values;
}

bool Evaluation::higher_is_better(const std::string& name) const {
  for (const auto& metric : metrics_)
    if (metric->name() == name) return metric->higher_is_better();
  return false;
}

}  // namespace lucid
