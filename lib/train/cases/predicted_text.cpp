#include "train/cases/predicted_text.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "objective/case_evaluation.h"

namespace lucid {
namespace {

double sigmoid(double logit) { return 1 / (1 + std::exp(-logit)); }

// Returns the probability that the network gives the class.
double probability_of(const Loss& loss, std::span<const float> logits, std::int64_t of_class) {
  if (loss.prediction_kind() == PredictionKind::kBinaryLogits)
    return sigmoid(of_class == 1 ? logits[0] : -logits[0]);
  double sum = 0;
  for (const float logit : logits)
    sum += std::exp(static_cast<double>(logit) - logits[static_cast<std::size_t>(of_class)]);
  return 1 / sum;
}

std::string percent_text(double share) { return fixed_text(100 * share, 1) + "%"; }

std::string values_text(std::span<const float> values, bool are_logits) {
  constexpr std::size_t kMost = 6;
  std::string text;
  for (const float value : values.first(std::min(kMost, values.size())))
    text += " " + fixed_text(are_logits ? sigmoid(value) : static_cast<double>(value), 3);
  return text + (values.size() > kMost ? " .." : "");
}

}  // namespace

std::vector<std::string> predicted_text(const Loss& loss, const OutputValues& sample,
                                        std::span<const float> target) {
  const auto classes = classes_of(loss, sample, target);
  if (!classes)
    return {"target" + values_text(target, false),
            "predicted" + values_text(sample.values,
                                      loss.prediction_kind() == PredictionKind::kBinaryLogits)};
  const auto text = [&](std::int64_t of_class) {
    const bool is_known =
        of_class >= 0 && of_class < std::max<std::int64_t>(2, std::ssize(sample.values));
    return std::to_string(of_class) +
           (is_known ? " (" + percent_text(probability_of(loss, sample.values, of_class)) + ")"
                     : std::string());
  };
  return {"target " + text(classes->target) + ", predicted " + text(classes->prediction) +
          (classes->target == classes->prediction ? "" : ", wrong")};
}

}  // namespace lucid
