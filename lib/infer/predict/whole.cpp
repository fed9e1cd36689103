#include "infer/predict/whole.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "data/loader/loader.h"
#include "data/statistics/normalized_volumes.h"
#include "graph/receptive_field.h"
#include "infer/predict/csv.h"
#include "infer/predict/describe.h"
#include "infer/predict/flipped_batch.h"
#include "infer/predict/member_mean.h"
#include "infer/predict/non_finite.h"
#include "infer/predict/sample_postprocessing.h"
#include "kernels/simd/finite.h"
#include "objective/evaluation.h"
#include "objective/target_rules.h"

namespace lucid {
namespace {

// Names the layer that fixes the input size if only the size differs.
std::string kept_size(const Graph& graph, const Shape& found) {
  const ReceptiveField field = receptive_field(graph);
  if (found[0] != graph.input_shape()[0] || field.is_limited()) return "";
  return "; layer " + field.unlimited + " keeps the network at that size";
}

}  // namespace

void check_volumes(bool has_target, const TrainedConfig& config, const Volumes& volumes) {
  const Shape &expected = config.graph.input_shape(), found = volumes.sample_shape();
  if (found != expected)
    throw Error(ExitCode::kData, volumes.sources().front().file.string() + ": /" +
                                     volumes.sources().front().dataset + ": expected samples of " +
                                     expected.str() +
                                     " (C, D, H, W), as the network was trained on, found " +
                                     found.str() + kept_size(config.graph, found));
  if (!has_target) return;
  try {
    config.objective->check(output_shapes(config.graph), volumes.target_shape(),
                            volumes.target_type());
  } catch (const Error& error) {
    throw Error(error.code(), volumes.target_place(0) + ": " + error.what());
  }
}

namespace {

PredictionSource source_of(const VolumesConfig& wanted, const Volumes& volumes,
                           const Graph& graph) {
  const Shape &input = graph.input_shape(), &output = graph.output_shape();
  PredictionSource source;
  for (const VolumeSource& each : volumes.sources())
    source.inputs.push_back({each.file, each.dataset});
  source.other_datasets = wanted.other_inputs;
  source.has_input_grid = output.rank() == 4 && output.without_first() == input.without_first();
  return source;
}

// Runs the volumes through the network batch by batch and writes the output.
class Run {
 public:
  // `samples` are those of the volumes, normalised unless all of them are normalised alike.
  Run(const InferOptions& options, const Volumes& volumes, const PredictionSource& source,
      const Dataset& samples, Predictor& predictor, hdf5::Writer& writer)
      : options_(options),
        volumes_(volumes),
        samples_(samples),
        predictor_(predictor),
        batch_(predictor, options.tiles ? options.tiles->flips : Flips{}),
        writer_(writer),
        mean_(MemberMean::of_activation(predictor, options.activation)),
        format_(options.output_type, options.activation, predictor.graph().output_shape()[0]) {
    const Shape all =
        predictor.graph().output_shape().with_batch(static_cast<Shape::Extent>(volumes.size()));
    result_.predictions = activated_shape(options.activation, all);
    format_.create(writer_, "predictions", result_.predictions, {});
    describe_predictions(writer_, "/predictions", options, source, format_);
    if (options.csv)
      csv_.emplace(OutputFile{*options.csv, options.may_overwrite}, volumes, result_.predictions);
    if (options.target)
      evaluation_.emplace(*predictor.config().objective,
                          metrics_of_scores(options, predictor.config()),
                          predictor.graph().output_shape());
    if (!options.postprocess) return;
    postprocessing_.emplace(*options.postprocess, volumes, format_);
    if (options.target) of_labels_.emplace(predictor);
  }

  InferResult walk(const InferProgress& progress) {
    Loader loader(samples_,
                  {.batch_size = static_cast<std::size_t>(predictor_.batch_size()),
                   .shuffle = false,
                   .checks = checks()},
                  predictor_.config().normalize.given);
    loader.start(0);
    while (const Batch* batch = loader.next()) {
      take(*batch);
      if (!progress(result_.samples, static_cast<std::int64_t>(volumes_.size()))) {
        result_.was_stopped = true;
        return result_;
      }
    }
    if (evaluation_) result_.measured = evaluation_->measured();
    if (of_labels_) of_labels_->report(result_.measured);
    if (postprocessing_) result_.postprocessed = postprocessing_->counts();
    if (csv_) csv_->finish();
    result_.non_finite = non_finite_.warning();
    return result_;
  }

 private:
  // Targets that are not finite give a loss that is not, and a warning.
  ValueChecks checks() const {
    if (!options_.target) return {};
    ValueChecks checks{
        false, target_rules(*predictor_.config().objective, output_shapes(predictor_.graph()),
                            volumes_.target_type())};
    std::erase_if(checks.targets,
                  [](const ValueRule& rule) { return rule.kind == ValueRule::Kind::kFinite; });
    return checks;
  }

  void note_non_finite(const Batch& batch, std::span<const float> output) {
    const auto part = [&](std::span<const float> whole, std::size_t i) {
      return whole.subspan(i * (whole.size() / batch.size), whole.size() / batch.size);
    };
    for (std::size_t i = 0; i < batch.size; ++i) {
      const std::size_t volume = batch.indices[i];
      const StoredValue made{volumes_.sample_place(volume), "values that are so once normalized"};
      if (!is_finite(part(batch.samples, i)))
        non_finite_.add_input(
            volume, volumes_.find_refused(SamplePart::kInputs, 0, volume, {}).value_or(made));
      else if (!is_finite(part(output, i)))
        non_finite_.add_prediction(volume, made.place);
      if (!batch.targets.empty() && !is_finite(part(batch.targets, i)))
        if (const auto found = volumes_.find_refused(SamplePart::kTarget, 0, volume, {}))
          non_finite_.add_target(volume, *found);
    }
  }

  void take(const Batch& batch) {
    const auto count = static_cast<Shape::Extent>(batch.size);
    const std::span<float> output = batch_.predict(batch.samples, count);
    if (!batch_.was_finite() || !is_finite(batch.targets)) note_non_finite(batch, output);
    const Shape shape = predictor_.graph().output_shape().with_batch(count);
    if (evaluation_)
      evaluation_->add(scores_of(predictor_, batch_.outputs(), scores_), batch.targets);
    const std::span<float> means = mean_.take(shape, output);
    apply_activation(mean_.rest(options_.activation), shape, means);
    const std::span<const float> values =
        means.first(activated_shape(options_.activation, shape).count());
    numbers_.resize(values.size() * format_.element_bytes());
    format_.convert(values, numbers_.data());
    if (postprocessing_) postprocess(batch);
    write(count);
    if (csv_) csv_->add(values, batch.targets, count);
    result_.samples += count;
  }

  void postprocess(const Batch& batch) {
    const std::size_t bytes = numbers_.size() / batch.size;
    for (std::size_t i = 0; i < batch.size; ++i) {
      const std::vector<Label> labels =
          postprocessing_->apply(batch.indices[i], std::span(numbers_).subspan(i * bytes, bytes));
      const std::size_t voxels = batch.targets.size() / batch.size;
      if (of_labels_) of_labels_->add(labels, std::span(batch.targets).subspan(i * voxels, voxels));
    }
  }

  void write(Shape::Extent count) {
    hdf5::Region rows{std::vector<std::int64_t>(result_.predictions.rank(), 0),
                      result_.predictions.extents()};
    rows.start[0] = result_.samples;
    rows.count[0] = count;
    writer_.write_as_stored("predictions", rows, numbers_);
  }

  const InferOptions& options_;
  const Volumes& volumes_;
  const Dataset& samples_;
  Predictor& predictor_;
  FlippedBatch batch_;
  hdf5::Writer& writer_;
  MemberMean mean_;
  std::vector<std::vector<float>> scores_;
  OutputFormat format_;
  std::vector<std::byte> numbers_;  // of a batch, as written
  std::optional<CsvFile> csv_;
  std::optional<Evaluation> evaluation_;
  std::optional<SamplePostprocessing> postprocessing_;
  std::optional<LabelMetrics> of_labels_;
  NonFinite non_finite_;
  InferResult result_;
};

}  // namespace

InferResult infer_whole(const InferOptions& options, TrainedConfig config,
                        const VolumesConfig& wanted,
                        const std::vector<std::filesystem::path>& files,
                        const InferProgress& progress, const InferNote& note) {
  const std::size_t cache_bytes = 0;  // every sample is read only once
  auto opened = open_volumes(wanted, files, cache_bytes);
  const Volumes& volumes = *opened;
  check_volumes(options.target.has_value(), config, volumes);
  std::optional<CalibrationSet> calibration;
  if (options.calibration) calibration = read_calibration_samples(options, config);
  const PredictionSource source = source_of(wanted, volumes, config.graph);
  Warnings warnings;
  const auto samples = normalized_volumes(std::move(opened), config.normalize.rule, warnings);
  const std::int64_t batch = std::min(options.batch_size.value_or(config.batch_size),
                                      static_cast<std::int64_t>(volumes.size()));
  Predictor predictor(options.checkpoints, std::move(config),
                      {.batch_size = batch,
                       .threads = options.threads,
                       .precision = options.precision,
                       .main_output_only = !options.target});
  std::optional<CalibrationReport> rounded;
  if (calibration) rounded = round_to_bytes(predictor, *calibration, options);
  calibration.reset();
  UnfinishedFile unfinished(options.output_file());
  hdf5::Writer writer(unfinished.path(), options.output);
  InferResult result = Run(options, volumes, source, *samples, predictor, writer).walk(progress);
  result.calibration = std::move(rounded);
  if (!predictor.warning().empty()) warnings.add(predictor.warning());
  for (const std::string& line : warnings.take()) note("warning: " + line);
  writer.close();
  if (!result.was_stopped) unfinished.put_in_place();
  return result;
}

}  // namespace lucid
