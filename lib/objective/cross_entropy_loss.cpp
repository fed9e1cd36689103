#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "objective/cross_entropy_block.h"
#include "objective/losses.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kLabelsABlock = 4096;

bool is_class(float label, std::int64_t classes) {
  return label >= 0 && label < static_cast<float>(classes) && label == std::floor(label);
}

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
  bool wants_class_weights() const override { return is_auto_; }

 private:
  void check_labels(const Shape& prediction, const Shape& target, TargetType type) const;
  double total_weight(std::span<const float> target, std::int64_t classes) const;
  [[noreturn]] void refuse_label(std::span<const float> target, std::int64_t classes) const;

  std::string type_ = "CrossEntropyLoss";
  Reduction reduction_;
  std::string weight_place_;
  bool is_auto_ = false;
  CrossEntropyTerms terms_;
};

CrossEntropyLoss::CrossEntropyLoss(JsonObject& object)
    : reduction_(read_reduction(object)), weight_place_(place_of(object, "weight")) {
  terms_.ignore_index = object.integer("ignore_index", {}, -100);
  terms_.smoothing = object.number("label_smoothing", {.low = 0, .high = 1}, 0.0);
  const Json* weight = object.find("weight");
  is_auto_ = weight != nullptr && *weight == "auto";
  if (is_auto_) return;
  if (weight != nullptr && weight->is_string()) {
    object.expected("weight", "'auto' or a list of numbers, one a class", *weight);
    return;
  }
  for (const double number : object.numbers("weight", {.low = 0}))
    terms_.weight.push_back(static_cast<float>(number));
}

void CrossEntropyLoss::check(const Shape& prediction, const Shape& target, TargetType type) const {
  if (prediction[0] == 1)
    throw Error(ExitCode::kData, type_ + ": expected predictions of at least 2 classes, found " +
                                     batch_text(prediction) +
                                     "; for one logit use BCEWithLogitsLoss");
  check_labels(prediction, target, type);
  const auto classes = static_cast<std::size_t>(prediction[0]);
  if (!terms_.weight.empty() && terms_.weight.size() != classes)
    throw Error(ExitCode::kUsage, weight_place_ + ": expected " + std::to_string(classes) +
                                      " numbers, one a class, found " +
                                      std::to_string(terms_.weight.size()));
}

void CrossEntropyLoss::check_labels(const Shape& prediction, const Shape& target,
                                    TargetType type) const {
  const Shape wanted = prediction.without_first();
  const bool are_integers = type == TargetType::kIntegers;
  if (target == wanted && are_integers) return;
  std::string fix = "; change the last layer or the labels";
  if (target == prediction)
    fix = "; store class numbers instead of a channel a class";
  else if (target == wanted.with_batch(1))
    fix = std::string("; a channel axis of 1 is an error: store labels as ") +
          (wanted.rank() == 3 ? "(N, D, H, W)" : batch_text(wanted));
  else if (target == wanted)
    fix = "; store labels as integers, or use MSELoss or BCEWithLogitsLoss for values";
  else if (target.rank() == 0)
    fix = "; these are labels of whole samples: end the network with Linear";
  else if (wanted.rank() == 0)
    fix = "; these are labels of voxels: end the network with a convolution";
  throw Error(ExitCode::kData, type_ + ": predictions " + batch_text(prediction) +
                                   " need integer labels " + batch_text(wanted) + ", found " +
                                   (are_integers ? "integers " : "floats ") + batch_text(target) +
                                   fix);
}

float CrossEntropyLoss::evaluate(const Shape& shape, std::span<const float> prediction,
                                 std::span<const float> target, std::span<float> gradient) const {
  assert(!is_auto_ && prediction.size() == shape.count());
  assert(gradient.empty() || gradient.size() == prediction.size());
  const std::int64_t classes = shape[1];
  const std::int64_t voxels = shape.elements() / (shape[0] * classes);
  assert(terms_.weight.empty() || terms_.weight.size() == static_cast<std::size_t>(classes));
  assert(target.size() == static_cast<std::size_t>(shape[0] * voxels));
  const double total = total_weight(target, classes);
  if (total == 0 && reduction_ == Reduction::kMean) {
    std::ranges::fill(gradient, 0.F);
    return 0;
  }
  const double scale = reduction_ == Reduction::kMean ? 1 / total : 1;
  const std::int64_t blocks = (voxels + kVoxelsABlock - 1) / kVoxelsABlock;  // of one sample
  const double sum = parallel_sum(shape[0] * blocks, 1, [&](std::int64_t i, std::int64_t) {
    const std::int64_t sample = i / blocks, first = i % blocks * kVoxelsABlock;
    const std::int64_t at = sample * classes * voxels + first;
    return cross_entropy({.prediction = prediction.data() + at,
                          .target = target.data() + sample * voxels + first,
                          .gradient = gradient.empty() ? nullptr : gradient.data() + at,
                          .voxels = std::min(kVoxelsABlock, voxels - first),
                          .classes = classes,
                          .stride = voxels},
                         terms_, scale);
  });
  return static_cast<float>(sum * scale);
}

// What a mean divides by. Every label is looked at before any is used as an index.
double CrossEntropyLoss::total_weight(std::span<const float> target, std::int64_t classes) const {
  const double total = parallel_sum(static_cast<std::int64_t>(target.size()), kLabelsABlock,
                                    [&](std::int64_t begin, std::int64_t end) {
                                      double sum = 0;
                                      for (std::int64_t i = begin; i < end; ++i) {
                                        const float label = target[static_cast<std::size_t>(i)];
                                        if (terms_.is_ignored(label)) continue;
                                        if (!is_class(label, classes))
                                          return std::numeric_limits<double>::quiet_NaN();
                                        sum += terms_.weight_of(static_cast<std::int64_t>(label));
                                      }
                                      return sum;
                                    });
  if (std::isnan(total)) refuse_label(target, classes);
  return total;
}

void CrossEntropyLoss::refuse_label(std::span<const float> target, std::int64_t classes) const {
  const auto bad = std::ranges::find_if(
      target, [&](float label) { return !terms_.is_ignored(label) && !is_class(label, classes); });
  throw Error(ExitCode::kData, type_ + ": expected labels from 0 to " +
                                   std::to_string(classes - 1) + " or " +
                                   std::to_string(terms_.ignore_index) + " (ignore_index), found " +
                                   number_text(*bad));
}

}  // namespace

std::unique_ptr<Loss> make_cross_entropy_loss(JsonObject& object) {
  return std::make_unique<CrossEntropyLoss>(object);
}

}  // namespace lucid
