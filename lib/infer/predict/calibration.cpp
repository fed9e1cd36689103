#include "infer/predict/calibration.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/stopwatch.h"
#include "base/text.h"
#include "data/statistics/normalized_volumes.h"
#include "graph/ranges.h"
#include "infer/predict/agreement.h"
#include "objective/target_rules.h"

namespace lucid {
namespace {

// Finds the layers that can be rounded, by the order of what each costs by itself.
class Search {
 public:
  Search(Predictor& predictor, const CalibrationSet& set, double max_loss)
      : predictor_(predictor), agreement_(predictor, set), ranges_(predictor.byte_ranges()) {
    float_seconds_ = least_seconds(set);
    predictor.show(set.samples, set.count, ranges_);
    ranges_.end_first_round();
    predictor.show(set.samples, set.count, ranges_);
    for (const std::size_t i : ranges_.candidates()) alone_[i] = measure({i});
    chosen_ = ranges_.candidates();
    loss_ = measure(chosen_);
    while (!chosen_.empty() && loss_.loss > max_loss) {
      drop_worst();
      loss_ = measure(chosen_);
    }
    if (!chosen_.empty()) byte_seconds_ = least_seconds(set);
  }

  bool has_candidates() const { return !alone_.empty(); }
  bool has_found() const { return !chosen_.empty(); }
  // The layer that costs least by itself.
  std::size_t best() const {
    return std::ranges::min_element(alone_, {}, [](const auto& each) { return order(each.second); })
        ->first;
  }
  double loss_alone(std::size_t i) const { return alone_.at(i).loss; }

  CalibrationReport report(const CalibrationSet& set) const {
    CalibrationReport report;
    report.measure = agreement_.name();
    report.samples = set.count;
    report.loss = loss_.loss;
    report.float_seconds = float_seconds_;
    report.byte_seconds = byte_seconds_;
    const std::span<const Node> nodes = predictor_.graph().nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (predictor_.graph().cost(nodes[i]).multiply_adds == 0) continue;
      RoundedLayer layer{nodes[i].name, std::ranges::find(chosen_, i) != chosen_.end(), {}, {}};
      if (const auto alone = alone_.find(i); alone != alone_.end())
        layer.loss = alone->second.loss;
      else
        layer.why_not = predictor_.graph().fusion(nodes[i]).not_in_bytes;
      if (layer.loss && !layer.is_rounded) layer.why_not = "costs most of those left";
      report.layers.push_back(std::move(layer));
    }
    return report;
  }

 private:
  static std::pair<double, double> order(const Disagreement& d) { return {d.loss, d.distance}; }

  Disagreement measure(const std::vector<std::size_t>& in_bytes) {
    predictor_.round_to_bytes(in_bytes.empty() ? Quantization{} : ranges_.quantization(in_bytes));
    return agreement_.measure(predictor_);
  }

  void drop_worst() {
    const auto cost = [this](std::size_t i) { return order(alone_.at(i)); };
    chosen_.erase(std::ranges::max_element(chosen_, {}, cost));
  }

  // Of a batch. Nothing is decided by it.
  double least_seconds(const CalibrationSet& set) {
    constexpr int kRuns = 4;  // the first prepares weights
    const std::int64_t count = std::min(predictor_.batch_size(), set.count);
    const std::size_t values =
        static_cast<std::size_t>(count) * predictor_.graph().input_shape().count();
    double least = std::numeric_limits<double>::infinity();
    for (int run = 0; run < kRuns; ++run) {
      const Stopwatch watch;
      predictor_.predict(std::span(set.samples).first(values), count);
      least = std::min(least, watch.seconds());
    }
    return least;
  }

  Predictor& predictor_;
  Agreement agreement_;
  ByteRanges ranges_;
  std::map<std::size_t, Disagreement> alone_;  // by node, rounded by itself
  std::vector<std::size_t> chosen_;
  Disagreement loss_;
  double float_seconds_ = 0, byte_seconds_ = 0;
};

}  // namespace

std::int64_t calibration_count(const CalibrationOptions& options, const Graph& graph,
                               std::int64_t available) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  // The sample, its target, and its predictions in float and rounded.
  const std::size_t floats = graph.input_shape().count() + 3 * graph.output_shape().count();
  const auto fits = static_cast<std::int64_t>(kMostBytes / sizeof(float) / floats);
  return std::min({available, options.limit, std::max(std::int64_t{1}, fits)});
}

void check_targets(const TrainedConfig& config, TargetType type, const std::string& place,
                   std::span<const float> targets) {
  for (const ValueRule& rule : target_rules(*config.objective, output_shapes(config.graph), type))
    if (const std::size_t at = find_refused(targets, rule); at < targets.size())
      throw Error(ExitCode::kData, place + ": expected targets that the loss accepts, found " +
                                       value_text(targets[at]));
}

CalibrationSet read_calibration_samples(const InferOptions& options, const TrainedConfig& config) {
  const auto read = [&](const VolumesConfig& wanted) {
    auto opened = open_volumes(wanted, options.calibration->files, 0);
    const Volumes& volumes = *opened;
    check_volumes(!wanted.target.empty(), config, volumes);
    Warnings warnings;  // of the normalization: those of the input tell the same
    const auto samples = normalized_volumes(std::move(opened), config.normalize.rule, warnings);
    const auto available = static_cast<std::int64_t>(samples->size());
    CalibrationSet set{.count = calibration_count(*options.calibration, config.graph, available)};
    const std::size_t in = samples->sample_shape().count();
    const std::size_t target = samples->has_targets() ? samples->target_shape().count() : 0;
    const auto count = static_cast<std::size_t>(set.count);
    set.samples.resize(count * in);
    set.targets.resize(count * target);
    for (std::size_t i = 0; i < count; ++i) {
      const auto index =
          static_cast<std::size_t>(spread(static_cast<std::int64_t>(i), set.count, available));
      const std::span<float> sample = std::span(set.samples).subspan(i * in, in);
      samples->read_sample(index, sample);
      config.normalize.given.apply(sample, samples->sample_shape()[0]);
      if (target > 0)
        samples->read_target(index, std::span(set.targets).subspan(i * target, target));
    }
    if (target > 0)
      check_targets(config, samples->target_type(), samples->target_place(0), set.targets);
    return set;
  };
  return read_calibration(*options.calibration, read);
}

CalibrationReport round_to_bytes(Predictor& predictor, const CalibrationSet& set,
                                 const InferOptions& options) {
  const Stopwatch watch;
  const double max_loss = options.calibration->max_loss;
  Search search(predictor, set, max_loss);
  if (!search.has_candidates())
    throw Error(ExitCode::kUsage,
                options.checkpoints.front().string() +
                    ": --precision int8 expects a network with layers that int8 can compute, found "
                    "none; leave it out");
  if (!search.has_found())
    throw Error(ExitCode::kUsage,
                "--max-loss: expected a loss within which some layer can be in int8, found " +
                    number_text(static_cast<float>(max_loss)) + "; the best, layer " +
                    in_quotes(predictor.graph().nodes()[search.best()].name) + ", costs " +
                    number_text(static_cast<float>(search.loss_alone(search.best()))));
  CalibrationReport report = search.report(set);
  report.max_loss = max_loss;
  report.seconds = watch.seconds();
  return report;
}

}  // namespace lucid
