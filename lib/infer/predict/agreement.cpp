#include "infer/predict/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lucid {
namespace {

// The class of a voxel or a sample, which is that of the largest logit.
std::vector<std::int32_t> classes_of(const Shape& output, const std::vector<float>& logits) {
  const auto classes = static_cast<std::size_t>(output[0]);
  const std::size_t sample = output.count(), voxels = sample / classes;
  std::vector<std::int32_t> result;
  result.reserve(logits.size() / classes);
  for (std::size_t first = 0; first < logits.size(); first += sample)
    for (std::size_t voxel = 0; voxel < voxels; ++voxel) {
      std::size_t best = 0;
      for (std::size_t c = 1; c < classes; ++c)
        if (logits[first + c * voxels + voxel] > logits[first + best * voxels + voxel]) best = c;
      result.push_back(static_cast<std::int32_t>(best));
    }
  return result;
}

// The same for channels whose logits stand for themselves: 2 * channel, and one more where it is
// positive.
std::vector<std::int32_t> signs_of(const Shape& output, const std::vector<float>& logits) {
  const std::size_t sample = output.count(), voxels = sample / static_cast<std::size_t>(output[0]);
  std::vector<std::int32_t> result;
  result.reserve(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i)
    result.push_back(static_cast<std::int32_t>(2 * (i % sample / voxels) + (logits[i] > 0)));
  return result;
}

// The mean over the classes of the Dice coefficient of two labelings; classes of neither do not
// count.
double mean_dice(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  struct Count {
    std::int64_t both = 0, all = 0;
  };
  std::vector<Count> counts;
  const auto count_of = [&](std::int32_t label) -> Count& {
    const auto at = static_cast<std::size_t>(label);
    if (at >= counts.size()) counts.resize(at + 1);
    return counts[at];
  };
  for (std::size_t i = 0; i < a.size(); ++i) {
    ++count_of(a[i]).all;
    ++count_of(b[i]).all;
    if (a[i] == b[i]) ++count_of(a[i]).both;
  }
  double sum = 0, classes = 0;
  for (const Count& count : counts) {
    if (count.all == 0) continue;
    sum += 2 * static_cast<double>(count.both) / static_cast<double>(count.all);
    ++classes;
  }
  return classes > 0 ? sum / classes : 1;
}

// The root mean square of the differences, relative to the deviation of the first from its mean.
double relative_distance(const std::vector<float>& from, const std::vector<float>& to) {
  const auto count = static_cast<double>(from.size());
  double sum = 0, squares = 0, differences = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double value = from[i], difference = value - to[i];
    sum += value;
    squares += value * value;
    differences += difference * difference;
  }
  const double spread = squares - sum * sum / count;
  if (differences == 0) return 0;
  return spread > 0 ? std::sqrt(differences / spread) : 1;
}

}  // namespace

Agreement::Agreement(Predictor& predictor, const CalibrationSet& set)
    : set_(set),
      config_(predictor.config()),
      output_(predictor.graph().output_shape()),
      predictions_(predict(predictor)) {
  for (const MetricConfig& metric : config_.metrics) {
    if (set.targets.empty()) break;
    const double value = value_of(metric, predictions_);
    if (!std::isfinite(value)) continue;
    metric_ = metric;
    value_ = value;
    name_ = metric.name() + " against the targets";
    return;
  }
  name_ = kind() == PredictionKind::kValues ? "distance from the float32 predictions"
                                            : "dice with the float32 predictions";
}

std::vector<float> Agreement::predict(Predictor& predictor) const {
  const std::int64_t batch = predictor.batch_size();
  const std::size_t in = predictor.graph().input_shape().count();
  std::vector<float> predictions;
  for (std::int64_t first = 0; first < set_.count; first += batch) {
    const std::int64_t count = std::min(batch, set_.count - first);
    const std::span<const float> samples =
        std::span(set_.samples)
            .subspan(static_cast<std::size_t>(first) * in, static_cast<std::size_t>(count) * in);
    const std::span<const float> result = predictor.predict(samples, count);
    predictions.insert(predictions.end(), result.begin(), result.end());
  }
  return predictions;
}

// NaN where the metric is undefined, or is no number at all.
double Agreement::value_of(const MetricConfig& config,
                           const std::vector<float>& predictions) const {
  const auto metric = make_metric(config, config_.objective->main(), output_);
  metric->reset();
  metric->add(output_.with_batch(set_.count), predictions, set_.targets);
  Measurements measured;
  metric->report(measured);
  for (const auto& [name, value] : measured.values)
    if (name == config.name()) return value;
  return std::numeric_limits<double>::quiet_NaN();
}

double Agreement::agreement_loss(const std::vector<float>& predictions) const {
  switch (kind()) {
    case PredictionKind::kClassLogits:
      return 1 - mean_dice(classes_of(output_, predictions_), classes_of(output_, predictions));
    case PredictionKind::kBinaryLogits:
      return 1 - mean_dice(signs_of(output_, predictions_), signs_of(output_, predictions));
    case PredictionKind::kValues:
      break;
  }
  return relative_distance(predictions_, predictions);
}

// What is better than before is no loss. A metric of which less is better is compared in relation.
Disagreement Agreement::measure(Predictor& predictor) const {
  const std::vector<float> predictions = predict(predictor);
  Disagreement result{0, relative_distance(predictions_, predictions)};
  if (!metric_) {
    result.loss = agreement_loss(predictions);
    return result;
  }
  const double value = value_of(*metric_, predictions);
  const double worse =
      metric_->higher_is_better() ? value_ - value : (value - value_) / std::abs(value_);
  result.loss = std::isfinite(worse) ? std::max(0.0, worse) : value == value_ ? 0 : 1;
  return result;
}

}  // namespace lucid
