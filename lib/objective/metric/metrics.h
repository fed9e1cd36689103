#pragma once

#include <memory>

#include "objective/metric/metric.h"

namespace lucid {

// What the lines of the list in metric.cpp call. The loss says how predictions are read.
std::unique_ptr<Metric> make_accuracy(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_auc(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_confusion(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_dice(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_f1(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_iou(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_mae(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_mse(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_precision(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_psnr(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_r2(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_recall(const MetricConfig&, const Loss&, const Shape& prediction);
std::unique_ptr<Metric> make_top_k(const MetricConfig&, const Loss&, const Shape& prediction);

// A metric of one number.
class NumberMetric : public Metric {
 public:
  explicit NumberMetric(const MetricConfig& config) : name_(config.name()) {}
  void report(Measurements& measurements) const final {
    measurements.values.emplace_back(name_, value());
  }

 private:
  virtual double value() const = 0;
  std::string name_;
};

// The label that counts for nothing; NaN, which equals none, where every label counts.
float ignored_label(const Loss& loss);

}  // namespace lucid
