#include "infer/predict/predictor.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graph/parse.h"
#include "kernels/simd/finite.h"
#include "store/checkpoint.h"

namespace lucid {
namespace {

// No sum of products of such numbers overflows, which could make infinities and of them a NaN.
bool is_moderate(std::span<const float> values) {
  constexpr float kLargest = 1e15F;
  return all_within(values, kLargest);
}

std::string warning_of(const std::filesystem::path& checkpoint, const Parameters& parameters) {
  for (const Parameter& parameter : parameters)
    if (!is_finite(parameter.value.values()))
      return checkpoint.string() + ": /parameters/" + parameter.name +
             ": holds NaN or infinite values, and so may predictions; take another checkpoint";
  return {};
}

// A variance below 0 makes NaNs of the weights that a batch norm is folded into.
bool is_moderate(const Parameters& parameters) {
  return std::ranges::all_of(parameters, [](const Parameter& parameter) {
    const std::span<const float> values = parameter.value.values();
    const bool is_variance = parameter.name.ends_with("/running_var");
    return is_moderate(values) &&
           !(is_variance && std::ranges::any_of(values, [](float value) { return value < 0; }));
  });
}

TrainedConfig read_config(JsonObject& root) {
  auto model = root.object("model", true), data = root.object("data", true);
  root.errors().throw_if_any();
  TrainedConfig config{root.string("name", ""), read_graph(*model), {}, 1, {}, {}, nullptr,
                       read_metrics(root)};
  DataConfig trained_on = read_data_config(*data, config.graph.input_shape());
  config.volumes = trained_on.train;
  config.batch_size = trained_on.batch_size;
  config.normalize = trained_on.normalize;
  config.grid = trained_on.grid;
  if (trained_on.patch) config.padding = trained_on.patch->padding;
  config.mirrored = trained_on.augmentation.mirrored();
  config.objective = read_objective(root, output_names(config.graph));
  root.errors().throw_if_any();
  return config;
}

TrainedConfig read_trained_config(const CheckpointFile& file) {
  const std::filesystem::path& checkpoint = file.path();
  const Json json = file.config();
  ConfigErrors errors(checkpoint.string() + ": config");
  try {
    JsonObject root(json, "", errors);
    TrainedConfig config = read_config(root);
    config.was_trained_on_patches =
        json["data"].contains("patch") && !json["data"]["patch"].is_null();
    return config;
  } catch (const Error& error) {
    throw Error(ExitCode::kData, error);
  }
}

}  // namespace

TrainedConfig read_trained_config(const std::filesystem::path& checkpoint) {
  return read_trained_config(CheckpointFile(checkpoint));
}

TrainedConfig read_trained_config(const std::filesystem::path& checkpoint, const Triple& size) {
  const CheckpointFile file = CheckpointFile::open_again(checkpoint);
  TrainedConfig config = read_trained_config(file);
  Json json = file.config();
  json["model"]["input"]["size"] = size;
  ConfigErrors errors(checkpoint.string() + ": config");
  JsonObject model(json["model"], "/model", errors);
  config.graph = read_graph(model);
  return config;
}

Predictor::Predictor(const std::filesystem::path& checkpoint, TrainedConfig config,
                     const PredictorOptions& options)
    : config_(std::move(config)),
      options_(options),
      engine_(options.threads),
      model_(std::move(config_.graph), engine_, 0) {
  plan(Care::kUsual);
  CheckpointFile::open_again(checkpoint).load_parameters(model_);
  warning_ = warning_of(checkpoint, model_.parameters());
  if (!is_moderate(model_.parameters())) usual_ = Care::kForNaN;
}

// oneDNN's ReLU, which its convolutions and matrix products fuse, turns a NaN into 0. Its own
// convolutions spread a NaN no further than their kernels reach, and leave an infinity one.
// Bytes hold no NaN at all.
CompileOptions Predictor::compile_options(Care care) const {
  const bool is_usual = care == Care::kUsual;
  return {.mode = Mode::kInfer,
          .batch = options_.batch_size,
          .fuse_relu = is_usual,
          .routes = {.forward = is_usual ? "" : "onednn"},
          .main_output_only = options_.main_output_only,
          .precision = options_.precision,
          .quantization = is_usual ? quantization_ : Quantization{}};
}

void Predictor::round_to_bytes(Quantization quantization) {
  quantization_ = std::move(quantization);
  outputs_.clear();
  model_.forget_plans();
}

// The rows of the last batch that no sample is left for repeat the first ones.
void Predictor::show(std::span<const float> samples, std::int64_t count, ByteRanges& ranges) {
  const std::size_t values = graph().input_shape().count();
  const std::int64_t batch = options_.batch_size;
  Plan& usual = plan(Care::kUsual);
  const std::span<float> input = usual.input().values();
  for (std::int64_t first = 0; first < count; first += batch) {
    for (std::int64_t row = 0; row < batch; ++row)
      std::ranges::copy(
          samples.subspan(static_cast<std::size_t>((first + row) % count) * values, values),
          input.begin() + row * static_cast<std::int64_t>(values));
    ranges.add(usual);
  }
}

std::span<float> Predictor::predict(std::span<const float> samples, std::int64_t count) {
  std::ranges::copy(samples, input().begin());
  return predict(count);
}

std::span<float> Predictor::predict(std::int64_t count) {
  const std::span<const float> samples =
      input().first(graph().input_shape().with_batch(count).count());
  const bool is_usual = usual_ == Care::kUsual && is_moderate(samples);
  Plan& way = plan(is_usual ? Care::kUsual : Care::kForNaN);
  if (&way != &plan(usual_)) std::ranges::copy(samples, way.input().values().begin());
  way.forward();
  outputs_ = output_values(way, model_.graph(), count);
  const std::span<float> result = way.output().values().first(outputs_.front().values.size());
  was_finite_ = (is_usual || is_finite(samples)) && is_finite(result);
  return result;
}

}  // namespace lucid
