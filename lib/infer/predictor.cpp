#include "infer/predictor.h"

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
  root.problems().throw_if_any();
  TrainedConfig config{root.string("name", ""),       read_graph(*model), {}, 1, {}, nullptr,
                       root.strings("metrics", false)};
  DataConfig trained_on = read_data_config(*data, config.graph.input_shape()[0]);
  config.volumes = trained_on.train;
  config.batch_size = trained_on.batch_size;
  config.normalization = trained_on.normalization;
  config.objective = read_objective(root, output_names(config.graph));
  root.problems().throw_if_any();
  return config;
}

}  // namespace

TrainedConfig read_trained_config(const std::filesystem::path& checkpoint) {
  const CheckpointFile file(checkpoint);
  const Json json = file.config();
  Problems problems(checkpoint.string() + ": config");
  try {
    JsonObject root(json, "", problems);
    return read_config(root);
  } catch (const Error& error) {
    throw Error(ExitCode::kData, error.what());
  }
}

Predictor::Predictor(const std::filesystem::path& checkpoint, TrainedConfig config,
                     std::int64_t batch_size, int threads)
    : config_(std::move(config)),
      batch_size_(batch_size),
      engine_(threads),
      model_(std::move(config_.graph), engine_, 0) {
  model_.plan(Mode::kInfer, batch_size_);
  CheckpointFile(checkpoint).load_parameters(model_);
}

std::span<float> Predictor::predict(std::span<const float> samples, std::int64_t count) {
  const bool input_is_finite = is_finite(samples);
  // A fused ReLU makes a NaN a 0, so a batch that holds one takes the slower way.
  Plan& plan =
      input_is_finite ? model_.plan(Mode::kInfer, batch_size_) : model_.unfused_plan(batch_size_);
  std::ranges::copy(samples, plan.input().values().begin());
  plan.forward();
  outputs_ = output_values(plan, model_.graph(), count);
  const std::span<float> result = plan.output().values().first(outputs_.front().values.size());
  if (!input_is_finite || !is_finite(result)) met_non_finite_ = true;
  return result;
}

}  // namespace lucid
