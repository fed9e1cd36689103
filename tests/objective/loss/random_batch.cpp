#include "objective/loss/random_batch.h"

#include <cmath>

namespace lucid::test {

std::vector<float> random_values(const Shape& shape, Rng rng) {
  std::vector<float> values(shape.count());
  for (float& value : values) value = rng.uniform(-3, 3);
  return values;
}

std::vector<float> random_targets(const Loss& loss, const LossRow& row,
                                  const std::vector<float>& prediction, Rng rng) {
  const bool wants_values =
      loss.prediction_kind() == PredictionKind::kValues || loss.type() == "BCEWithLogitsLoss";
  const auto labels = loss.label_range(row.shape.without_first(), TargetType::kIntegers);
  std::vector<float> values(row.target.count());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (wants_values)
      values[i] = rng.uniform(0, 1);
    else
      values[i] = static_cast<float>(rng.below(static_cast<std::uint64_t>(labels->classes)));
    if (labels && labels->ignore_index && rng.below(6) == 0)
      values[i] = static_cast<float>(*labels->ignore_index);
    const float distance =
        loss.prediction_kind() == PredictionKind::kValues ? std::abs(values[i] - prediction[i]) : 1;
    if (distance < 0.01F || std::abs(distance - 0.75F) < 0.01F) values[i] += 0.1F;
  }
  return values;
}

}  // namespace lucid::test
