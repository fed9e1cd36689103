#pragma once
// Private to this room.

#include <limits>
#include <memory>

#include "objective/metric/metric.h"

namespace lucid {

// The value of a metric that the set leaves undefined, as the AUC of one class.
inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// The entries of the registry in metric.cpp. The loss tells whether predictions are logits or
// values.
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

}  // namespace lucid
