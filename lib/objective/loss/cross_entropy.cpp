#include <algorithm>
#include <cassert>

#include "objective/loss/cross_entropy_block.h"
#include "objective/loss/losses.h"
#include "objective/loss/reduction.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

const LabelAdvice kCrossEntropyAdvice = {
    .one_logit = "for one logit use BCEWithLogitsLoss",
    .channels = "store class indices instead of one channel per class",
    .values = "store labels as integers, or use MSELoss or BCEWithLogitsLoss for values"};

class CrossEntropyLoss final : public Loss {
 public:
  explicit CrossEntropyLoss(JsonObject& object);

  const std::string& type() const override { return type_; }
  PredictionKind prediction_kind() const override { return PredictionKind::kClassLogits; }
  void check(const Shape& prediction, const Shape& target, TargetType type) const override;
  std::size_t sum_count(const Shape&) const override { return 2; }
  void differentiate(const Shape& shape, std::span<const float> prediction,
                     std::span<const float> target, std::span<float> gradient,
                     std::span<const double> whole, Sums& sums) const override;
  void weigh(const Shape& shape, std::span<const float> target, Sums& sums) const override {
    sums.assign({0, total_weight(type_, terms_, shape[1], target)});
  }
  std::optional<double> value(std::span<const double> sums) const override {
    return reduced(reduction_, sums);
  }
  std::optional<std::int64_t> ignore_index() const override { return terms_.ignore_index; }
  std::optional<ClassTargets> class_targets(const Shape& prediction) const override {
    return ClassTargets{prediction[0], terms_.ignore_index};
  }
  bool wants_class_weights() const override { return arguments_.wants_weights(); }

 private:
  // Returns the sum of the losses; writes the gradient of `scale` times that sum.
  double add_up(const Shape& shape, std::span<const float> prediction,
                std::span<const float> target, std::span<float> gradient, double scale) const;

  std::string type_ = "CrossEntropyLoss";
  Reduction reduction_;
  ClassArguments arguments_;
  CrossEntropyTerms terms_;
};

CrossEntropyLoss::CrossEntropyLoss(JsonObject& object)
    : reduction_(read_reduction(object)), arguments_(object), terms_{arguments_.terms()} {
  terms_.smoothing = object.number("label_smoothing", {.low = 0, .high = 1}, 0.0);
}

void CrossEntropyLoss::check(const Shape& prediction, const Shape& target, TargetType type) const {
  check_labels(type_, kCrossEntropyAdvice, prediction, target, type);
  arguments_.check_count(prediction[0], "class");
}

void CrossEntropyLoss::differentiate(const Shape& shape, std::span<const float> prediction,
                                     std::span<const float> target, std::span<float> gradient,
                                     std::span<const double> whole, Sums& sums) const {
  assert(!wants_class_weights() && prediction.size() == shape.count());
  assert(gradient.empty() || gradient.size() == prediction.size());
  const std::int64_t classes = shape[1];
  assert(terms_.weight.empty() || terms_.weight.size() == static_cast<std::size_t>(classes));
  const double weight = total_weight(type_, terms_, classes, target);
  const double scale = scale_of_whole(reduction_, whole, weight);
  sums.assign({add_up(shape, prediction, target, gradient, scale), weight});
  if (scale == 0) std::ranges::fill(gradient, 0.F);
}

double CrossEntropyLoss::add_up(const Shape& shape, std::span<const float> prediction,
                                std::span<const float> target, std::span<float> gradient,
                                double scale) const {
  const std::int64_t classes = shape[1];
  const VoxelGrid grid{.prediction = prediction.data(),
                       .target = target.data(),
                       .gradient = gradient.empty() ? nullptr : gradient.data(),
                       .samples = shape[0],
                       .classes = classes,
                       .voxels = shape.elements() / (shape[0] * classes)};
  assert(target.size() == static_cast<std::size_t>(grid.samples * grid.voxels));
  return parallel_sum(grid.blocks(), 1, [&](std::int64_t i, std::int64_t) {
    return cross_entropy(grid.block(i), terms_, scale);
  });
}

}  // namespace

std::unique_ptr<Loss> make_cross_entropy_loss(JsonObject& object) {
  return std::make_unique<CrossEntropyLoss>(object);
}

}  // namespace lucid
