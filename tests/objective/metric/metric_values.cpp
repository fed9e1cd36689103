#include "objective/metric/metric_values.h"

#include <nlohmann/json.hpp>

#include "support/from_text.h"

namespace lucid::test {

std::unique_ptr<Loss> loss_of(const std::string& type) {
  return from_json(Json{{"type", type}}, "/loss", make_loss);
}

double metric_value(const Metric& metric) {
  Measurements measured;
  metric.report(measured);
  return measured.values.front().second;
}

double metric_value(Metric& metric, const Shape& shape, const std::vector<float>& prediction,
                    const std::vector<float>& target) {
  metric.reset();
  metric.add(shape, prediction, target);
  return metric_value(metric);
}

double metric_value(const std::string& name, const std::string& loss, const Shape& shape,
                    const std::vector<float>& prediction, const std::vector<float>& target) {
  const auto metric = make_metric({name}, *loss_of(loss), shape.without_first());
  return metric_value(*metric, shape, prediction, target);
}

std::vector<float> rounded_values(std::size_t count, Rng rng) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.below(7)) - 3;
  return values;
}

std::vector<float> random_classes(std::size_t count, std::uint64_t classes, Rng rng) {
  std::vector<float> labels(count);
  for (float& label : labels) label = static_cast<float>(rng.below(classes));
  return labels;
}

}  // namespace lucid::test
