#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "objective/metric/metric.h"

namespace lucid::test {

std::unique_ptr<Loss> loss_of(const std::string& type);

// Return the single value of a metric, or of a single batch with it.
double metric_value(const Metric& metric);
double metric_value(Metric& metric, const Shape& shape, const std::vector<float>& prediction,
                    const std::vector<float>& target);
double metric_value(const std::string& name, const std::string& loss, const Shape& shape,
                    const std::vector<float>& prediction, const std::vector<float>& target);

// Draws small integers, so that there are many ties.
std::vector<float> rounded_values(std::size_t count, Rng rng);
std::vector<float> random_classes(std::size_t count, std::uint64_t classes, Rng rng);

}  // namespace lucid::test
