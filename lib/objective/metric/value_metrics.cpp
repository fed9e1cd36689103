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
  MeanError(const MetricConfig& config, double (*of_difference)(double))
      : NumberMetric(config), measure_(of_difference) {}
  void reset() override { sum_ = 0, count_ = 0; }

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>& numbers) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    numbers.push_back(sum_between(0, shape.elements(), prediction, target,
                                  [this](double p, double t) { return measure_(p - t); }));
    numbers.push_back(static_cast<double>(shape.elements()));
  }

  void take(std::span<const double>& numbers) override {
    const auto sums = taken(numbers, 2);
    sum_ += sums[0];
    count_ += static_cast<std::int64_t>(sums[1]);
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

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>& numbers) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    const auto [low, high] = std::ranges::minmax(target);
    numbers.push_back(sum_between(0, shape.elements(), prediction, target,
                                  [](double p, double t) { return square(p - t); }));
    numbers.push_back(static_cast<double>(shape.elements()));
    numbers.push_back(static_cast<double>(low));
    numbers.push_back(static_cast<double>(high));
  }

  void take(std::span<const double>& numbers) override {
    const auto sums = taken(numbers, 4);
    sum_ += sums[0];
    count_ += static_cast<std::int64_t>(sums[1]);
    low_ = std::min(low_, sums[2]);
    high_ = std::max(high_, sums[3]);
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

  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>& numbers) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    const std::int64_t count = std::ssize(channels_);
    const std::int64_t voxels = shape.elements() / (shape[0] * count);
    std::vector<Sums> channels(channels_.size());
    for (std::int64_t row = 0; row < shape[0] * count; ++row)
      channels[static_cast<std::size_t>(row % count)] +=
          sums_of(row * voxels, (row + 1) * voxels, prediction, target);
    for (const Sums& sums : channels)
      for (const double number : {sums.count, sums.error, sums.mean, sums.spread})
        numbers.push_back(number);
  }

  void take(std::span<const double>& numbers) override {
    for (Sums& sums : channels_) {
      const auto of_batch = taken(numbers, 4);
      sums += {of_batch[0], of_batch[1], of_batch[2], of_batch[3]};
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
    double count = 0, error = 0;
    double mean = 0, spread = 0;  // of the targets; the sum of squared deviations from it

    // As Chan, Golub and LeVeque join variances, which loses no precision.
    Sums& operator+=(const Sums& other) {
      if (other.count == 0) return *this;
      const double all = count + other.count, distance = other.mean - mean;
      mean += distance * (other.count / all);
      spread += other.spread + square(distance) * (count * other.count / all);
      error += other.error;
      count = all;
      return *this;
    }
  };

  // Sums of deviations from a value near the mean lose no precision.
  static Sums sums_of(std::int64_t begin, std::int64_t end, std::span<const float> prediction,
                      std::span<const float> target) {
    const auto sum = [&](const auto& of_element) {
      return sum_between(begin, end, prediction, target, of_element);
    };
    const auto count = static_cast<double>(end - begin);
    const double origin = target[static_cast<std::size_t>(begin)];
    const double deviation = sum([=](double, double t) { return t - origin; }) / count;
    const double squares = sum([=](double, double t) { return square(t - origin); });
    return {count, sum([](double p, double t) { return square(p - t); }), origin + deviation,
            squares - count * square(deviation)};
  }

  static std::string why_undefined(const Sums& sums) {
    return std::isfinite(sums.error) && std::isfinite(sums.spread)
               ? "all targets of the channel are equal"
               : kNotFinite;
  }
  static double value_of(const Sums& sums) {
    return sums.spread > 0 ? 1 - sums.error / sums.spread : kUndefined;
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
