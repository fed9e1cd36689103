#include "objective/evaluation.h"

namespace lucid {

Evaluation::Evaluation(const Loss& loss, const std::vector<std::string>& metrics,
                       const Shape& prediction)
    : loss_(&loss) {
  for (const std::string& name : metrics) metrics_.push_back(make_metric(name, loss, prediction));
}

void Evaluation::reset() {
  loss_sum_ = 0;
  samples_ = 0;
  for (const auto& metric : metrics_) metric->reset();
}

void Evaluation::add(const Shape& prediction_shape, std::span<const float> prediction,
                     std::span<const float> target) {
  loss_sum_ += static_cast<double>(loss_->evaluate(prediction_shape, prediction, target, {})) *
               static_cast<double>(prediction_shape[0]);
  samples_ += prediction_shape[0];
  for (const auto& metric : metrics_) metric->add(prediction_shape, prediction, target);
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
