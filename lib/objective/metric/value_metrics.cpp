#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "objective/metric/metrics.h"
#include "objective/metric/number_metric.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 4096;
double absolute(double difference) { return std::abs(difference); }
double square(double difference) { return difference * difference; }

// Returns the sum of measure(prediction, target) over the elements begin .. end - 1.
template <class Measure>
double sum_between(std::int64_t begin, std::int64_t end, std::span<const float> prediction,
                   std::span<const float> target, const Measure& measure) {
  return parallel_sum(end - begin, kBlock, [&](std::int64_t from, std::int64_t to) {
    double sum = 0;
    for (auto i = static_cast<std::size_t>(begin + from); i < static_cast<std::size_t>(begin + to);
         ++i)
      sum += measure(static_cast<double>(prediction[i]), static_cast<double>(target[i]));
    return sum;
  });
}

// The mean of a function of prediction - target over all elements.
class MeanError final : public NumberMetric {
 public:
  MeanError(const MetricConfig& config, double (*measure)(double))
      : NumberMetric(config), measure_(measure) {}
  void reset() override { sum_ = 0, count_ = 0; }

  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    sum_ += sum_between(0, shape.elements(), prediction, target,
                        [this](double p, double t) { return measure_(p - t); });
    count_ += shape.elements();
  }

 private:
  double value() const override {
    return count_ == 0 ? kUndefined : sum_ / static_cast<double>(count_);
  }
  std::string why_undefined() const override { return kNotFinite; }

  double (*measure_)(double);
  double sum_ = 0;
  std::int64_t count_ = 0;
};

// 10 log10(range^2 / mean squared error). It is infinite without an error.
class Psnr final : public NumberMetric {
 public:
  explicit Psnr(const MetricConfig& config) : NumberMetric(config), range_(config.data_range) {}
  void reset() override {
    sum_ = 0, count_ = 0;
    low_ = kFar, high_ = -kFar;
  }

  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    sum_ += sum_between(0, shape.elements(), prediction, target,
                        [](double p, double t) { return square(p - t); });
    count_ += shape.elements();
    const auto [low, high] = std::ranges::minmax(target);
    low_ = std::min(low_, static_cast<double>(low));
    high_ = std::max(high_, static_cast<double>(high));
  }

 private:
  double value() const override {
    const double range = range_.value_or(high_ - low_);
    if (count_ == 0 || range == 0) return kUndefined;
    return 10 * std::log10(range * range * static_cast<double>(count_) / sum_);
  }

  std::string why_undefined() const override {
    return low_ == high_ && !range_
               ? "all targets are equal, so that they have no range; give data_range"
               : kNotFinite;
  }

  std::optional<double> range_;  // empty: the range of all targets
  static constexpr double kFar = std::numeric_limits<double>::infinity();
  double sum_ = 0, low_ = kFar, high_ = -kFar;
  std::int64_t count_ = 0;
};

// R^2 = 1 - squared errors / squared deviations of the targets from their mean, for each channel,
// and its mean over the channels whose targets are not all equal.
class R2 final : public Metric {
 public:
  explicit R2(std::int64_t channels) : channels_(static_cast<std::size_t>(channels)) {}
  void reset() override { std::ranges::fill(channels_, Sums{}); }

  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    const auto channels = static_cast<std::int64_t>(channels_.size());
    const std::int64_t voxels = shape.elements() / (shape[0] * channels);
    for (std::int64_t row = 0; row < shape[0] * channels; ++row) {
      Sums& sums = channels_[static_cast<std::size_t>(row % channels)];
      const std::int64_t begin = row * voxels, end = begin + voxels;
      // Sums of deviations from a value near the mean lose no precision.
      if (sums.count == 0) sums.origin = target[static_cast<std::size_t>(begin)];
      const auto sum = [&](const auto& measure) {
        return sum_between(begin, end, prediction, target, measure);
      };
      const double origin = sums.origin;
      sums.error += sum([](double p, double t) { return square(p - t); });
      sums.deviation += sum([=](double, double t) { return t - origin; });
      sums.square += sum([=](double, double t) { return square(t - origin); });
      sums.count += voxels;
    }
  }

  void report(Measurements& measurements) const override {
    double sum = 0, defined = 0;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      const double value = value_of(channels_[c]);
      if (channels_.size() > 1)
        measurements.add_detail("r2_" + std::to_string(c), value, why_undefined(channels_[c]));
      if (std::isnan(value)) continue;
      sum += value;
      ++defined;
    }
    measurements.add_value("r2", defined == 0 ? kUndefined : sum / defined,
                           why_undefined(channels_.front()));
  }

 private:
  struct Sums {
    double origin = 0, error = 0, deviation = 0, square = 0;
    std::int64_t count = 0;
  };
  static std::string why_undefined(const Sums& sums) {
    return std::isfinite(sums.error) && std::isfinite(sums.square)
               ? "all targets of the channel are equal"
               : kNotFinite;
  }
  static double value_of(const Sums& sums) {
    if (sums.count == 0) return kUndefined;
    const double spread = sums.square - square(sums.deviation) / static_cast<double>(sums.count);
    return spread > 0 ? 1 - sums.error / spread : kUndefined;
  }

  std::vector<Sums> channels_;
};

}  // namespace

std::unique_ptr<Metric> make_mae(const MetricConfig& config, const Loss&, const Shape&) {
  return std::make_unique<MeanError>(config, absolute);
}

std::unique_ptr<Metric> make_mse(const MetricConfig& config, const Loss&, const Shape&) {
  return std::make_unique<MeanError>(config, square);
}

std::unique_ptr<Metric> make_psnr(const MetricConfig& config, const Loss&, const Shape&) {
  return std::make_unique<Psnr>(config);
}

std::unique_ptr<Metric> make_r2(const MetricConfig&, const Loss&, const Shape& prediction) {
  return std::make_unique<R2>(prediction[0]);
}

}  // namespace lucid
