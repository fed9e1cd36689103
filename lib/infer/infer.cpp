#include "infer/infer.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "data/axes.h"
#include "data/hdf5_write.h"
#include "data/loader.h"
#include "data/normalized_volumes.h"
#include "infer/csv.h"
#include "infer/predictor.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// An output that took the place of what is read would destroy it.
void check_outputs(const InferOptions& options, const std::vector<fs::path>& inputs) {
  const auto refuse = [](const fs::path& path, const std::string& what) {
    throw Error(ExitCode::kUsage,
                path.string() + ": expected another file for the output, found the " + what);
  };
  for (const auto& output : {std::optional(options.output), options.csv}) {
    std::error_code ignored;  // a file that is not there is no other's equal
    if (!output) continue;
    if (fs::equivalent(*output, options.checkpoint, ignored)) refuse(*output, "checkpoint");
    for (const fs::path& input : inputs)
      if (fs::equivalent(*output, input, ignored)) refuse(*output, "input");
  }
  if (options.csv && fs::weakly_canonical(*options.csv) == fs::weakly_canonical(options.output))
    refuse(*options.csv, "file for /predictions");
}

VolumesConfig volumes_for(const InferOptions& options, const VolumesConfig& trained_on) {
  VolumesConfig volumes{options.inputs, options.dataset.value_or(trained_on.input),
                        options.target.value_or(""), trained_on.axes};
  if (!options.dataset) volumes.other_inputs = trained_on.other_inputs;
  if (!options.axes) return volumes;
  const std::string mistake = axes_mistake(*options.axes);
  if (!mistake.empty()) throw Error(ExitCode::kUsage, "--axes: " + mistake);
  volumes.axes = *options.axes;
  return volumes;
}

void check_volumes(const InferOptions& options, const TrainedConfig& config,
                   const Volumes& volumes) {
  const Shape &expected = config.graph.input_shape(), found = volumes.sample_shape();
  if (found != expected)
    throw Error(ExitCode::kData,
                volumes.sources().front().file.string() + ": /" +
                    volumes.sources().front().dataset + ": expected samples of " + expected.str() +
                    " (C, D, H, W), as the network was trained on, found " + found.str());
  if (!options.target) return;
  try {
    config.objective->check(output_shapes(config.graph), volumes.target_shape(),
                            volumes.target_type());
  } catch (const Error& error) {
    throw Error(error.code(), volumes.target_place(0) + ": " + error.what());
  }
}

void describe_sources(hdf5::Writer& writer, const InferOptions& options, const Volumes& volumes) {
  std::vector<std::string> files, datasets;
  for (const VolumeSource& source : volumes.sources()) {
    files.push_back(source.file.string());
    datasets.push_back(source.dataset);
  }
  writer.set_attribute("/predictions", "input_files", join(files, "\n"));
  writer.set_attribute("/predictions", "input_datasets", join(datasets, "\n"));
  writer.set_attribute("/predictions", "checkpoint", options.checkpoint.string());
  writer.set_attribute("/predictions", "activation",
                       activation_names()[static_cast<std::size_t>(options.activation)]);
}

// Walks the volumes batch by batch, each through the network into the output.
class Run {
 public:
  // `samples`: those of the volumes, as far as they are not to be normalised all alike.
  Run(const InferOptions& options, const Volumes& volumes, const Dataset& samples,
      Predictor& predictor, hdf5::Writer& writer)
      : options_(options),
        volumes_(volumes),
        samples_(samples),
        predictor_(predictor),
        writer_(writer) {
    const Shape all =
        predictor.graph().output_shape().with_batch(static_cast<Shape::Extent>(volumes.size()));
    result_.predictions = activated_shape(options.activation, all);
    const bool is_classes = options.activation == Activation::kArgmax;
    writer_.create("predictions", is_classes ? ElementType::kInt32 : ElementType::kFloat32,
                   result_.predictions);
    describe_sources(writer_, options, volumes);
    if (options.csv) csv_.emplace(*options.csv, volumes, result_.predictions);
    if (options.target)
      evaluation_.emplace(*predictor.config().objective, predictor.config().metrics,
                          predictor.graph().output_shape());
  }

  InferResult walk(const std::function<bool(std::int64_t, std::int64_t)>& progress) {
    Loader loader(
        samples_,
        {.batch_size = static_cast<std::size_t>(predictor_.batch_size()), .shuffle = false},
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
    if (csv_) csv_->finish();
    result_.met_non_finite = predictor_.met_non_finite();
    return result_;
  }

 private:
  void take(const Batch& batch) {
    const auto count = static_cast<Shape::Extent>(batch.size);
    const std::span<float> output = predictor_.predict(batch.samples, count);
    const Shape shape = predictor_.graph().output_shape().with_batch(count);
    if (evaluation_) evaluation_->add(predictor_.outputs(), batch.targets);
    apply_activation(options_.activation, shape, output);
    const std::span<const float> values =
        output.first(activated_shape(options_.activation, shape).count());
    if (options_.activation == Activation::kArgmax)
      writer_.write_rows<std::int32_t>("predictions", result_.samples,
                                       std::vector<std::int32_t>(values.begin(), values.end()));
    else
      writer_.write_rows<float>("predictions", result_.samples, values);
    if (csv_) csv_->add(values, batch.targets, count);
    result_.samples += count;
  }

  const InferOptions& options_;
  const Volumes& volumes_;
  const Dataset& samples_;
  Predictor& predictor_;
  hdf5::Writer& writer_;
  std::optional<CsvFile> csv_;
  std::optional<Evaluation> evaluation_;
  InferResult result_;
};

}  // namespace

InferResult infer(const InferOptions& options,
                  const std::function<bool(std::int64_t, std::int64_t)>& progress) {
  TrainedConfig config = read_trained_config(options.checkpoint);
  const std::vector<fs::path> files = expand_files(options.inputs, "");
  check_outputs(options, files);
  const std::size_t cache_bytes = 0;  // every sample is read once
  auto opened = open_volumes(volumes_for(options, config.volumes), files, cache_bytes);
  const Volumes& volumes = *opened;
  check_volumes(options, config, volumes);
  const auto samples = normalized_volumes(std::move(opened), config.normalize.rule);
  const std::int64_t batch = std::min(options.batch_size.value_or(config.batch_size),
                                      static_cast<std::int64_t>(volumes.size()));
  Predictor predictor(options.checkpoint, std::move(config),
                      {.batch_size = batch,
                       .threads = options.threads,
                       .precision = options.precision,
                       .main_output_only = !options.target});
  UnfinishedFile unfinished(options.output);
  hdf5::Writer writer(unfinished.path(), options.output);
  InferResult result = Run(options, volumes, *samples, predictor, writer).walk(progress);
  writer.close();
  if (!result.was_stopped) unfinished.put_in_place();
  return result;
}

}  // namespace lucid
