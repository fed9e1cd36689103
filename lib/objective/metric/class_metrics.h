#pragma once

#include "objective/metric/metric.h"

namespace lucid {

// True if predicted classes are all that the metric reads, not their scores.
bool is_of_classes(const MetricConfig& metric);

}  // namespace lucid
