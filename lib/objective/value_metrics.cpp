#include <cassert>
#include <cmath>
#include <limits>

#include "objective/metrics.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 4096;

double absolute(double difference) { return std::abs(difference); }
double square(double difference) { return difference * difference; }

// The mean over all elements of a function of prediction - target.
class MeanError final : public Metric {
 public:
  MeanError(std::string name, double (*measure)(double))
      : name_(std::move(name)), measure_(measure) {}
  const std::string& name() const override { return name_; }
  bool higher_is_better() const override { return false; }
  void reset() override { sum_ = 0, count_ = 0; }

  void add(const Shape& shape, std::span<const float> prediction,
           std::span<const float> target) override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    sum_ += parallel_sum(shape.elements(), kBlock, [&](std::int64_t begin, std::int64_t end) {
      double sum = 0;
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
        sum += measure_(static_cast<double>(prediction[i]) - static_cast<double>(target[i]));
      return sum;
    });
    count_ += shape.elements();
  }

  double value() const override {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    return sum_ / static_cast<double>(count_);
  }

 private:
  std::string name_;
  double (*measure_)(double);
  double sum_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Metric> make_mae(const Loss&, const Shape&) {
  return std::make_unique<MeanError>("mae", absolute);
}

std::unique_ptr<Metric> make_mse(const Loss&, const Shape&) {
  return std::make_unique<MeanError>("mse", square);
}

}  // namespace lucid
