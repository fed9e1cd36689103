#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "objective/loss/losses.h"
#include "objective/loss/reduction.h"
#include "objective/loss/target_shapes.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kLogitBlock = 2048;  // elements of a partial sum

class BCEWithLogitsLoss final : public Loss {
 public:
  explicit BCEWithLogitsLoss(JsonObject& object)
      : reduction_(read_reduction(object)), weight_place_(place_of(object, "pos_weight")) {
    object.only_null({"weight"});
    if (object.has("ignore_index")) ignore_index_ = object.integer("ignore_index", {});
    const Json* weight = object.find("pos_weight");
    if (weight != nullptr && weight->is_number())
      pos_weight_ = {static_cast<float>(object.number("pos_weight", {.low = 0}))};
    else if (weight != nullptr && !weight->is_array() && !weight->is_null())
      object.expected("pos_weight", "a number or a list of them, one per channel", *weight);
    else
      for (const double number : object.numbers("pos_weight", {.low = 0}))
        pos_weight_.push_back(static_cast<float>(number));
  }

  const std::string& type() const override { return type_; }
  PredictionKind prediction_kind() const override { return PredictionKind::kBinaryLogits; }
  void check(const Shape& prediction, const Shape& target, TargetType) const override;
  std::size_t sum_count(const Shape&) const override { return 2; }
  void differentiate(const Shape& shape, std::span<const float> prediction,
                     std::span<const float> target, std::span<float> gradient,
                     std::span<const double> whole, Sums& sums) const override;
  void weigh(const Shape&, std::span<const float> target, Sums& sums) const override {
    sums.assign({0, counted(target)});
  }
  std::optional<double> value(std::span<const double> sums) const override {
    return reduced(reduction_, sums);
  }
  std::optional<std::int64_t> ignore_index() const override { return ignore_index_; }
  std::optional<ClassTargets> class_targets(const Shape&) const override { return std::nullopt; }
  std::optional<ClassTargets> label_range(const Shape&, TargetType type) const override {
    if (type == TargetType::kFloats) return std::nullopt;
    return ClassTargets{2, ignore_index_};
  }

 private:
  float ignored() const {
    return ignore_index_ ? static_cast<float>(*ignore_index_)
                         : std::numeric_limits<float>::quiet_NaN();  // equals no target
  }
  double counted(std::span<const float> target) const;
  // Returns the sum of the losses; writes the gradient of `scale` times that sum.
  double add_up(const Shape& shape, std::span<const float> prediction,
                std::span<const float> target, std::span<float> gradient, double scale) const;
  float weight_of(std::int64_t channel) const {
    if (pos_weight_.size() <= 1) return pos_weight_.empty() ? 1.F : pos_weight_[0];
    return pos_weight_[static_cast<std::size_t>(channel)];
  }

  std::string type_ = "BCEWithLogitsLoss";
  Reduction reduction_;
  std::string weight_place_;
  std::optional<std::int64_t> ignore_index_;
  std::vector<float> pos_weight_;  // empty: 1; one element: for every channel
};

void BCEWithLogitsLoss::check(const Shape& prediction, const Shape& target, TargetType) const {
  check_values(type_, prediction, target);
  const auto channels = static_cast<std::size_t>(prediction.rank() == 0 ? 1 : prediction[0]);
  if (pos_weight_.size() > 1 && pos_weight_.size() != channels)
    throw Error(ExitCode::kUsage, weight_place_ + ": expected a number or a list of " +
                                      std::to_string(channels) + ", one per channel, found " +
                                      std::to_string(pos_weight_.size()));
}

// Adds up `count` consecutive elements of one channel of one sample.
double add_elements(const float* prediction, const float* target, float* gradient,
                    std::int64_t count, float ignored, float pos_weight, float scale) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float x = prediction[i], counts = target[i] == ignored ? 0.F : 1.F;
    const float y = counts * target[i];
    const float small = std::exp(-std::abs(x));  // exp of the one of -x and x that is <= 0
    const float slope = pos_weight * y + (1 - y);
    sum += counts * ((1 - y) * x + slope * (std::log(1.0 + small) + std::max(-x, 0.F)));
    if (gradient == nullptr) continue;
    const float sigmoid = (x >= 0 ? 1.F : small) / (1 + small);
    gradient[i] = scale * counts * (slope * sigmoid - pos_weight * y);
  }
  return sum;
}

void BCEWithLogitsLoss::differentiate(const Shape& shape, std::span<const float> prediction,
                                      std::span<const float> target, std::span<float> gradient,
                                      std::span<const double> whole, Sums& sums) const {
  assert(prediction.size() == shape.count() && target.size() == prediction.size());
  assert(gradient.empty() || gradient.size() == prediction.size());
  const double weight = counted(target);
  const double scale = scale_of_whole(reduction_, whole, weight);
  sums.assign({add_up(shape, prediction, target, gradient, scale), weight});
}

double BCEWithLogitsLoss::add_up(const Shape& shape, std::span<const float> prediction,
                                 std::span<const float> target, std::span<float> gradient,
                                 double scale) const {
  const std::int64_t channels = shape.rank() > 1 ? shape[1] : 1;
  const std::int64_t voxels = shape.elements() / (shape[0] * channels);
  const std::int64_t blocks = (voxels + kLogitBlock - 1) / kLogitBlock;  // of one channel
  return parallel_sum(shape[0] * channels * blocks, 1, [&](std::int64_t i, std::int64_t) {
    const std::int64_t row = i / blocks, first = i % blocks * kLogitBlock;
    const std::int64_t at = row * voxels + first;
    return add_elements(prediction.data() + at, target.data() + at,
                        gradient.empty() ? nullptr : gradient.data() + at,
                        std::min(kLogitBlock, voxels - first), ignored(), weight_of(row % channels),
                        static_cast<float>(scale));
  });
}

// Counts the targets that are not ignored.
double BCEWithLogitsLoss::counted(std::span<const float> target) const {
  const auto all = static_cast<std::int64_t>(target.size());
  if (!ignore_index_) return static_cast<double>(all);
  return parallel_sum(all, kLogitBlock, [&](std::int64_t begin, std::int64_t end) {
    const auto part =
        target.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    return static_cast<double>(end - begin - std::ranges::count(part, ignored()));
  });
}

}  // namespace

std::unique_ptr<Loss> make_bce_with_logits_loss(JsonObject& object) {
  return std::make_unique<BCEWithLogitsLoss>(object);
}

}  // namespace lucid
