#include "objective/loss/class_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "kernels/simd/clones.h"
#include "objective/loss/target_shapes.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kLabelsABlock = 4096;

bool is_class(float label, std::int64_t classes) {
  return label >= 0 && label < static_cast<float>(classes) && label == std::floor(label);
}

struct LabelCount {
  int counted, wrong;
};

// Counts the labels that are not ignored, and those of them that are no class. The loop has no
// branches, so that the compiler can vectorize it.
LUCID_CLONED(LabelCount, count_labels,
             (const float* labels, std::int64_t count, float ignored, float classes),
             (labels, count, ignored, classes)) {
  int counted = 0, wrong = 0;
#pragma omp simd reduction(+ : counted, wrong)
  for (std::int64_t i = 0; i < count; ++i) {
    const float label = labels[i], whole = std::floor(label);
    const bool is_counted = label != ignored;
    const bool is_right = (label >= 0.F) & (label < classes) & (label == whole);
    counted += is_counted ? 1 : 0;
    const bool is_wrong = is_counted & !is_right;
    wrong += is_wrong ? 1 : 0;
  }
  return {counted, wrong};
}

// Returns the sum of the labels' weights, or NaN if a label is no class.
double weight_of_block(const ClassTerms& terms, std::int64_t classes, const float* labels,
                       std::int64_t count) {
  const LabelCount found = count_labels(labels, count, static_cast<float>(terms.ignore_index),
                                        static_cast<float>(classes));
  if (found.wrong > 0) return std::numeric_limits<double>::quiet_NaN();
  if (terms.weight.empty()) return found.counted;
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i)
    if (!terms.is_ignored(labels[i])) sum += terms.weight_of(static_cast<std::int64_t>(labels[i]));
  return sum;
}

[[noreturn]] void refuse_label(const std::string& loss, const ClassTerms& terms,
                               std::int64_t classes, std::span<const float> target) {
  const auto bad = std::ranges::find_if(
      target, [&](float label) { return !terms.is_ignored(label) && !is_class(label, classes); });
  throw Error(ExitCode::kData, loss + ": expected labels from 0 to " + std::to_string(classes - 1) +
                                   " or " + std::to_string(terms.ignore_index) +
                                   " (ignore_index), found " + number_text(*bad));
}

}  // namespace

ClassArguments::ClassArguments(JsonObject& object) : weight_place_(place_of(object, "weight")) {
  terms_.ignore_index = object.integer("ignore_index", {}, terms_.ignore_index);
  const Json* weight = object.find("weight");
  wants_weights_ = weight != nullptr && *weight == "auto";
  if (wants_weights_) return;
  if (weight != nullptr && weight->is_string()) {
    object.expected("weight", "'auto' or a list of numbers, one per class", *weight);
    return;
  }
  for (const double number : object.numbers("weight", {.low = 0}))
    terms_.weight.push_back(static_cast<float>(number));
}

void ClassArguments::check_count(std::int64_t count, const std::string& what) const {
  if (terms_.weight.empty() || terms_.weight.size() == static_cast<std::size_t>(count)) return;
  throw Error(ExitCode::kUsage, weight_place_ + ": expected " + std::to_string(count) +
                                    " numbers, one per " + what + ", found " +
                                    std::to_string(terms_.weight.size()));
}

void check_labels(const std::string& loss, const LabelAdvice& advice, const Shape& prediction,
                  const Shape& target, TargetType type) {
  if (prediction[0] == 1)
    throw Error(ExitCode::kData, loss + ": expected predictions of at least 2 classes, found " +
                                     batch_text(prediction) + "; " + advice.one_logit);
  const Shape wanted = prediction.without_first();
  const bool are_integers = type == TargetType::kIntegers;
  if (target == wanted && are_integers) return;
  std::string fix = "change the last layer or the labels";
  if (target == prediction)
    fix = advice.channels;
  else if (target == wanted.with_batch(1))
    fix = std::string("a channel axis of 1 is an error: store labels as ") +
          (wanted.rank() == 3 ? "(N, D, H, W)" : batch_text(wanted));
  else if (target == wanted)
    fix = advice.values;
  else if (target.rank() == 0)
    fix = "these are labels of whole samples: end the network with Linear";
  else if (wanted.rank() == 0)
    fix = "these are labels of voxels: end the network with a convolution";
  throw Error(ExitCode::kData, loss + ": predictions " + batch_text(prediction) +
                                   " need integer labels " + batch_text(wanted) + ", found " +
                                   (are_integers ? "integers " : "floats ") + batch_text(target) +
                                   "; " + fix);
}

double total_weight(const std::string& loss, const ClassTerms& terms, std::int64_t classes,
                    std::span<const float> target) {
  const double total =
      parallel_sum(static_cast<std::int64_t>(target.size()), kLabelsABlock,
                   [&](std::int64_t begin, std::int64_t end) {
                     return weight_of_block(terms, classes, target.data() + begin, end - begin);
                   });
  if (std::isnan(total)) refuse_label(loss, terms, classes, target);
  return total;
}

double count_targets(const ClassTerms& terms, std::span<const float> target) {
  return parallel_sum(static_cast<std::int64_t>(target.size()), kLabelsABlock,
                      [&](std::int64_t begin, std::int64_t end) {
                        const auto part = target.subspan(static_cast<std::size_t>(begin),
                                                         static_cast<std::size_t>(end - begin));
                        return static_cast<double>(std::ranges::count_if(
                            part, [&](float label) { return !terms.is_ignored(label); }));
                      });
}

}  // namespace lucid
