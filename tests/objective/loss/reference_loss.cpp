#include "objective/loss/reference_loss.h"

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
  if (config["type"] == "HuberLoss") {
    const double delta = config.value("delta", 1.0), size = std::abs(x - y);
    return size <= delta ? size * size / 2 : delta * (size - delta / 2);
  }
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
    if (config.contains("ignore_index") && target[i] == config["ignore_index"]) continue;
    sum.losses += element(config, prediction[i], target[i], i / voxels % channels);
    sum.weights += 1;
  }
  return sum;
}

// The predictions and labels of all classes and voxels: the probability of class c of a voxel, and
// whether c is its label. Ignored voxels do not count.
struct Labelled {
  std::size_t samples, channels, voxels;
  std::vector<double> probability, is_label, counts;  // (N, C, voxels)
  std::size_t at(std::size_t n, std::size_t c, std::size_t v) const {
    return (n * channels + c) * voxels + v;
  }
};

Labelled labelled(const Json& config, const Shape& shape, const std::vector<double>& prediction,
                  const std::vector<double>& target) {
  const auto samples = static_cast<std::size_t>(shape[0]);
  const auto channels = static_cast<std::size_t>(shape[1]);
  Labelled l{samples, channels, prediction.size() / samples / channels, {}, {}, {}};
  for (std::size_t i = 0; i < prediction.size(); ++i) {
    const std::size_t n = i / l.voxels / channels, c = i / l.voxels % channels, v = i % l.voxels;
    const bool is_sigmoid = config.value("sigmoid", false);
    const double label = target[is_sigmoid ? i : n * l.voxels + v];
    double all = 1 + std::exp(-prediction[i]);
    if (!is_sigmoid) all = 0;
    for (std::size_t k = 0; k < channels && !is_sigmoid; ++k)
      all += std::exp(prediction[l.at(n, k, v)] - prediction[i]);
    l.probability.push_back(1 / all);
    l.is_label.push_back(is_sigmoid ? label : label == static_cast<double>(c) ? 1 : 0);
    l.counts.push_back(label == config.value("ignore_index", -100) ? 0 : 1);
  }
  return l;
}

struct Region {
  double overlap = 0, prediction = 0, target = 0, voxels = 0;
};

void add(const Json& config, const Labelled& l, std::size_t n, std::size_t c, Region& region) {
  const bool is_squared = config.value("squared_pred", false);
  for (std::size_t v = 0; v < l.voxels; ++v) {
    const std::size_t i = l.at(n, c, v);
    if (l.counts[i] == 0) continue;
    region.overlap += l.probability[i] * l.is_label[i];
    region.prediction += l.probability[i] * (is_squared ? l.probability[i] : 1);
    region.target += l.is_label[i] * (is_squared ? l.is_label[i] : 1);
    region.voxels += 1;
  }
}

Sum dice(const Json& config, const Labelled& l) {
  const double nr = config.value("smooth_nr", 1e-5), dr = config.value("smooth_dr", 1e-5);
  const bool is_over_batch = config.value("batch", false);
  Sum sum;
  for (std::size_t c = config.value("include_background", true) ? 0 : 1; c < l.channels; ++c) {
    Region region;
    for (std::size_t n = 0; n < l.samples; ++n) {
      add(config, l, n, c, region);
      if (is_over_batch && n + 1 < l.samples) continue;
      double extent = region.prediction + region.target;
      if (config.value("jaccard", false)) extent = 2 * (extent - region.overlap);
      if (region.voxels > 0) {
        sum.losses +=
            weight_of(config, "weight", c) * (1 - (2 * region.overlap + nr) / (extent + dr));
        sum.weights += 1;
      }
      region = {};
    }
  }
  return sum;
}

Sum focal(const Json& config, const Labelled& l) {
  Sum sum;
  for (std::size_t i = 0; i < l.probability.size(); ++i) {
    if (l.counts[i] == 0) continue;
    const std::size_t c = i / l.voxels % l.channels;
    const bool is_sigmoid = config.value("sigmoid", false);
    const double p = l.probability[i], y = l.is_label[i], gamma = config.value("gamma", 2.0);
    const double alpha = config.value("alpha", 1.0);
    const double rest = config.contains("alpha") ? 1 - alpha : 1;
    double loss = -y * std::pow(1 - p, gamma) * std::log(p);
    if (is_sigmoid) loss = alpha * loss - rest * (1 - y) * std::pow(p, gamma) * std::log(1 - p);
    if (!is_sigmoid) loss *= c == 0 ? rest : alpha;
    sum.losses += weight_of(config, "weight", c) * loss;
    sum.weights += 1;
  }
  return sum;
}

double reduced(const Json& config, const Sum& sum) {
  return config.value("reduction", "mean") == "sum" ? sum.losses : sum.losses / sum.weights;
}

double dice_ce(const Json& config, const Shape& shape, const std::vector<double>& prediction,
               const std::vector<double>& target) {
  Json part = config;
  if (config.value("sigmoid", false) && config.contains("weight"))
    part["pos_weight"] = config["weight"];
  if (!part.contains("ignore_index")) part["ignore_index"] = -100;
  const Sum surprise = config.value("sigmoid", false)
                           ? element_wise(part, shape, prediction, target)
                           : cross_entropy(part, shape, prediction, target);
  return config.value("lambda_dice", 1.0) *
             reduced(config, dice(config, labelled(config, shape, prediction, target))) +
         config.value("lambda_ce", 1.0) * reduced(config, surprise);
}

}  // namespace

double reference_loss(const Json& config, const Shape& shape, const std::vector<double>& prediction,
                      const std::vector<double>& target) {
  if (config["type"] == "DiceCELoss") return dice_ce(config, shape, prediction, target);
  if (config["type"] == "DiceLoss")
    return reduced(config, dice(config, labelled(config, shape, prediction, target)));
  if (config["type"] == "FocalLoss")
    return reduced(config, focal(config, labelled(config, shape, prediction, target)));
  const Sum sum = config["type"] == "CrossEntropyLoss"
                      ? cross_entropy(config, shape, prediction, target)
                      : element_wise(config, shape, prediction, target);
  return reduced(config, sum);
}

}  // namespace lucid::test
