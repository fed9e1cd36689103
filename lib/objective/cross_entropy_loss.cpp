#include <algorithm>
#include <cassert>

#include "objective/cross_entropy_block.h"
#include "objective/losses.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

const LabelAdvice kAdvice = {
    .one_logit = "for one logit use BCEWithLogitsLoss",
    .channels = "store class numbers instead of a channel a class",
    .values = "store labels as integers, or use MSELoss or BCEWithLogitsLoss for values"};

class CrossEntropyLoss final : public Loss {
 public:
  explicit CrossEntropyLoss(JsonObject& object);

  const std::string& type() const override { return type_; }
  PredictionKind prediction_kind() const override { return PredictionKind::kClassLogits; }
  void check(const Shape& prediction, const Shape& target, TargetType type) const override;
  float evaluate(const Shape& shape, std::span<const float> prediction,
                 std::span<const float> target, std::span<float> gradient) const override;
  std::optional<ClassTargets> class_targets(const Shape& prediction) const override {
    return ClassTargets{prediction[0], terms_.ignore_index};
  }
  bool wants_class_weights() const override { return arguments_.wants_weights(); }

 private:
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
  check_labels(type_, kAdvice, prediction, target, type);
  arguments_.check_count(prediction[0], "class");
}

float CrossEntropyLoss::evaluate(const Shape& shape, std::span<const float> prediction,
                                 std::span<const float> target, std::span<float> gradient) const {
  assert(!wants_class_weights() && prediction.size() == shape.count());
  assert(gradient.empty() || gradient.size() == prediction.size());
  const std::int64_t classes = shape[1];
  const std::int64_t voxels = shape.elements() / (shape[0] * classes);
  assert(terms_.weight.empty() || terms_.weight.size() == static_cast<std::size_t>(classes));
  assert(target.size() == static_cast<std::size_t>(shape[0] * voxels));
  const double total = total_weight(type_, terms_, classes, target);
  if (total == 0 && reduction_ == Reduction::kMean) {
    std::ranges::fill(gradient, 0.F);
    return 0;
  }
  const double scale = reduction_ == Reduction::kMean ? 1 / total : 1;
  const VoxelGrid grid{.prediction = prediction.data(),
                       .target = target.data(),
                       .gradient = gradient.empty() ? nullptr : gradient.data(),
                       .samples = shape[0],
                       .classes = classes,
                       .voxels = voxels};
  const double sum = parallel_sum(grid.blocks(), 1, [&](std::int64_t i, std::int64_t) {
    return cross_entropy(grid.block(i), terms_, scale);
  });
  return static_cast<float>(sum * scale);
}

}  // namespace

std::unique_ptr<Loss> make_cross_entropy_loss(JsonObject& object) {
  return std::make_unique<CrossEntropyLoss>(object);
}

}  // namespace lucid
