#include "objective/loss/label_loss.h"

#include <cassert>
#include <nlohmann/json.hpp>

#include "objective/loss/target_shapes.h"

namespace lucid {
namespace {

const LabelAdvice kLabelLossAdvice = {
    .one_logit = "for one logit set \"sigmoid\": true",
    .channels = "store class indices instead of one channel per class, or set \"sigmoid\": true",
    .values = "store labels as integers"};

}  // namespace

LabelLoss::LabelLoss(std::string type, JsonObject& object)
    : type_(std::move(type)), is_sigmoid_(object.boolean("sigmoid", false)), arguments_(object) {
  if (is_sigmoid_ && wants_class_weights())
    object.expected("weight", "a list of numbers, one per channel, beside \"sigmoid\"",
                    *object.find("weight"));
}

void LabelLoss::check(const Shape& prediction, const Shape& target, TargetType type) const {
  if (is_sigmoid_)
    check_values(type_, prediction, target, "for class indices leave \"sigmoid\" out");
  else
    check_labels(type_, kLabelLossAdvice, prediction, target, type);
  arguments_.check_count(prediction[0], is_sigmoid_ ? "channel" : "class");
}

std::optional<ClassTargets> LabelLoss::class_targets(const Shape& prediction) const {
  if (is_sigmoid_) return std::nullopt;
  return ClassTargets{prediction[0], terms().ignore_index};
}

std::optional<ClassTargets> LabelLoss::label_range(const Shape& prediction, TargetType type) const {
  if (!is_sigmoid_) return class_targets(prediction);
  if (type == TargetType::kFloats) return std::nullopt;
  return ClassTargets{2, terms().ignore_index};
}

VoxelGrid LabelLoss::grid_of(const Shape& shape, std::span<const float> prediction,
                             std::span<const float> target, std::span<float> gradient) const {
  assert(!wants_class_weights() && prediction.size() == shape.count());
  assert(gradient.empty() || gradient.size() == prediction.size());
  const std::int64_t channels = shape[1], voxels = shape.elements() / (shape[0] * channels);
  assert(target.size() * static_cast<std::size_t>(is_sigmoid_ ? 1 : channels) == prediction.size());
  check_targets(shape, target);
  return {.prediction = prediction.data(),
          .target = target.data(),
          .gradient = gradient.empty() ? nullptr : gradient.data(),
          .samples = is_sigmoid_ ? shape[0] * channels : shape[0],
          .classes = is_sigmoid_ ? 1 : channels,
          .voxels = voxels};
}

}  // namespace lucid
