#include "infer/predict/predictor.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graph/parse.h"
#include "store/checkpoint.h"

namespace lucid {
namespace {

bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

TrainedConfig read_config(JsonObject& root) {
  auto model = root.object("model", true), data = root.object("data", true);
  root.errors().throw_if_any();
  TrainedConfig config{root.string("name", ""), read_graph(*model), {}, 1, {}, nullptr,
                       read_metrics(root)};
  DataConfig trained_on = read_data_config(*data, config.graph.input_shape());
  config.volumes = trained_on.train;
  config.batch_size = trained_on.batch_size;
  config.normalize = trained_on.normalize;
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
    throw Error(ExitCode::kData, error.what());
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
  plan(true);
  CheckpointFile::open_again(checkpoint).load_parameters(model_);
}

Plan& Predictor::plan(bool fuse_relu) {
  return model_.plan({.mode = Mode::kInfer,
                      .batch = options_.batch_size,
                      .fuse_relu = fuse_relu,
                      .main_output_only = options_.main_output_only,
                      .precision = options_.precision});
}

std::span<float> Predictor::predict(std::span<const float> samples, std::int64_t count) {
  std::ranges::copy(samples, input().begin());
  return predict(count);
}

std::span<float> Predictor::predict(std::int64_t count) {
  const std::span<const float> samples =
      input().first(graph().input_shape().with_batch(count).count());
  const bool input_is_finite = is_finite(samples);
  Plan& way = plan(input_is_finite);  // a fused ReLU turns a NaN into 0
  if (!input_is_finite) std::ranges::copy(samples, way.input().values().begin());
  way.forward();
  outputs_ = output_values(way, model_.graph(), count);
  const std::span<float> result = way.output().values().first(outputs_.front().values.size());
  if (!input_is_finite || !is_finite(result)) met_non_finite_ = true;
  return result;
}

}  // namespace lucid
