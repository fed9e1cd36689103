#pragma once

#include <memory>

#include "objective/metric.h"

namespace lucid {

// What the lines of the list in metric.cpp call. The loss says how predictions are read.
std::unique_ptr<Metric> make_accuracy(const Loss& loss, const Shape& prediction);
std::unique_ptr<Metric> make_auc(const Loss& loss, const Shape& prediction);
std::unique_ptr<Metric> make_mae(const Loss& loss, const Shape& prediction);
std::unique_ptr<Metric> make_mse(const Loss& loss, const Shape& prediction);

}  // namespace lucid
