#include "objective/reference_loss.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lucid::test {
namespace {

struct Sum {
  double losses = 0, weights = 0;
};

double weight_of(const Json& config, const char* key, std::size_t channel) {
  if (!config.contains(key)) return 1;
  return config[key].is_array() ? config[key][channel].get<double>() : config[key].get<double>();
}

Sum cross_entropy(const Json& config, const Shape& shape, const std::vector<double>& prediction,
                  const std::vector<double>& target) {
  const auto classes = static_cast<std::size_t>(shape[1]);
  const std::size_t voxels = target.size() / static_cast<std::size_t>(shape[0]);
  const double smoothing = config.value("label_smoothing", 0.0);
  Sum sum;
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] == config.value("ignore_index", -100)) continue;
    const auto x = [&](std::size_t c) {
      return prediction[(i / voxels * classes + c) * voxels + i % voxels];
    };
    double all = 0;
    for (std::size_t c = 0; c < classes; ++c) all += std::exp(x(c));
    for (std::size_t c = 0; c < classes; ++c) {
      const bool is_label = c == static_cast<std::size_t>(target[i]);
      const double share =
          (is_label ? 1 - smoothing : 0) + smoothing / static_cast<double>(classes);
      sum.losses -= weight_of(config, "weight", c) * share * std::log(std::exp(x(c)) / all);
      if (is_label) sum.weights += weight_of(config, "weight", c);
    }
  }
  return sum;
}

double element(const Json& config, double x, double y, std::size_t channel) {
  if (config["type"] == "MSELoss") return (x - y) * (x - y);
  if (config["type"] == "L1Loss") return std::abs(x - y);
  const double p = 1 / (1 + std::exp(-x));
  return -weight_of(config, "pos_weight", channel) * y * std::log(p) - (1 - y) * std::log(1 - p);
}

Sum element_wise(const Json& config, const Shape& shape, const std::vector<double>& prediction,
                 const std::vector<double>& target) {
  const auto channels = static_cast<std::size_t>(shape[1]);
  const std::size_t voxels = prediction.size() / (static_cast<std::size_t>(shape[0]) * channels);
  Sum sum;
  for (std::size_t i = 0; i < prediction.size(); ++i) {
    sum.losses += element(config, prediction[i], target[i], i / voxels % channels);
    sum.weights += 1;
  }
  return sum;
}

}  // namespace

double reference_loss(const Json& config, const Shape& shape, const std::vector<double>& prediction,
                      const std::vector<double>& target) {
  const Sum sum = config["type"] == "CrossEntropyLoss"
                      ? cross_entropy(config, shape, prediction, target)
                      : element_wise(config, shape, prediction, target);
  return config.value("reduction", "mean") == "sum" ? sum.losses : sum.losses / sum.weights;
}

}  // namespace lucid::test
