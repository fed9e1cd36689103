#include <algorithm>
#include <cassert>
#include <cmath>

#include "objective/loss/losses.h"
#include "objective/loss/reduction.h"
#include "objective/loss/target_shapes.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kValueBlock = 4096;  // elements of a partial sum

struct Squared {
  static constexpr const char* kType = "MSELoss";
  double value(float difference) const { return static_cast<double>(difference) * difference; }
  float slope(float difference) const { return 2 * difference; }
};

struct Absolute {
  static constexpr const char* kType = "L1Loss";
  double value(float difference) const { return std::abs(difference); }
  float slope(float difference) const {
    return static_cast<float>((difference > 0 ? 1 : 0) - (difference < 0 ? 1 : 0));
  }
};

// Quadratic up to delta, linear beyond.
struct Huber {
  static constexpr const char* kType = "HuberLoss";
  double delta;
  double value(float difference) const {
    const double size = std::abs(difference), bent = std::min(size, delta);
    return bent * (size - bent / 2);
  }
  float slope(float difference) const {
    const auto limit = static_cast<float>(delta);
    return std::clamp(difference, -limit, limit);
  }
};

// The mean or sum of a function of prediction - target, element by element.
template <class Measure>
class ValueLoss final : public Loss {
 public:
  explicit ValueLoss(Reduction reduction, Measure measure = {})
      : reduction_(reduction), measure_(measure) {}
  const std::string& type() const override { return type_; }
  PredictionKind prediction_kind() const override { return PredictionKind::kValues; }
  void check(const Shape& prediction, const Shape& target, TargetType) const override {
    check_values(type_, prediction, target);
  }
  std::optional<ClassTargets> class_targets(const Shape&) const override { return std::nullopt; }

  std::size_t sum_count(const Shape&) const override { return 2; }
  void differentiate(const Shape& shape, std::span<const float> prediction,
                     std::span<const float> target, std::span<float> gradient,
                     std::span<const double> whole, Sums& sums) const override {
    assert(prediction.size() == shape.count() && target.size() == prediction.size());
    assert(gradient.empty() || gradient.size() == prediction.size());
    const auto weight = static_cast<double>(shape.elements());
    const double scale = scale_of_whole(reduction_, whole, weight);
    sums.assign({add_up(prediction, target, gradient, scale), weight});
  }
  void weigh(const Shape& shape, std::span<const float>, Sums& sums) const override {
    sums.assign({0, static_cast<double>(shape.elements())});
  }
  std::optional<double> value(std::span<const double> sums) const override {
    return reduced(reduction_, sums);
  }

 private:
  // Returns the sum of the losses; writes the gradient of `scale` times that sum.
  double add_up(std::span<const float> prediction, std::span<const float> target,
                std::span<float> gradient, double scale) const {
    const float* p = prediction.data();
    const float* t = target.data();
    float* g = gradient.empty() ? nullptr : gradient.data();
    return parallel_sum(std::ssize(prediction), kValueBlock,
                        [=, measure = measure_](std::int64_t begin, std::int64_t end) {
                          double partial = 0;
                          for (std::int64_t i = begin; i < end; ++i)
                            partial += measure.value(p[i] - t[i]);
                          const auto factor = static_cast<float>(scale);
                          for (std::int64_t i = begin; g != nullptr && i < end; ++i)
                            g[i] = factor * measure.slope(p[i] - t[i]);
                          return partial;
                        });
  }

  std::string type_ = Measure::kType;
  Reduction reduction_;
  Measure measure_;
};

}  // namespace

std::unique_ptr<Loss> make_mse_loss(JsonObject& object) {
  return std::make_unique<ValueLoss<Squared>>(read_reduction(object));
}

std::unique_ptr<Loss> make_huber_loss(JsonObject& object) {
  const double delta = object.number("delta", {.low = 0, .above_low = true}, 1.0);
  return std::make_unique<ValueLoss<Huber>>(read_reduction(object), Huber{delta});
}

std::unique_ptr<Loss> make_l1_loss(JsonObject& object) {
  return std::make_unique<ValueLoss<Absolute>>(read_reduction(object));
}

}  // namespace lucid
