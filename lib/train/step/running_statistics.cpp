#include "train/step/running_statistics.h"

namespace lucid {

template <class Visit>
void RunningStatistics::for_each(const Visit& visit) const {
  for (Parameter& parameter : parameters_)
    if (parameter.is_buffer)
      for (float& value : parameter.value.values()) visit(parameter, value);
}

void RunningStatistics::begin() {
  values_.clear();
  for_each([this](const Parameter&, float value) { values_.push_back(value); });
}

void RunningStatistics::append_found(std::vector<double>& list) const {
  for_each([&](const Parameter&, float value) { list.push_back(value); });
}

void RunningStatistics::follow(std::span<const double> found, bool is_first) {
  std::size_t i = 0;
  for_each([&](const Parameter& parameter, float) {
    if (parameter.is_synchronized && !is_first) {
      ++i;
      return;
    }
    float& value = values_[i];
    value = static_cast<float>((1 - parameter.momentum) * static_cast<double>(value) +
                               parameter.momentum * found[i]);
    ++i;
  });
}

void RunningStatistics::finish() {
  std::size_t i = 0;
  for_each([&](const Parameter&, float& value) { value = values_[i++]; });
}

}  // namespace lucid
