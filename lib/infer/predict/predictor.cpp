#include "infer/predict/predictor.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>

#include "graph/parse.h"
#include "kernels/simd/finite.h"
#include "store/checkpoint.h"

namespace lucid {
namespace {

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
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (config.graph.input_shape()[axis + 1] == 1) config.mirrored[axis] = false;
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

bool predicts_voxels(const Graph& graph) {
  const Shape &input = graph.input_shape(), &output = graph.output_shape();
  return output.rank() == 4 && output.without_first() == input.without_first();
}

Predictor::Predictor(const std::vector<std::filesystem::path>& checkpoints, TrainedConfig config,
                     const PredictorOptions& options)
    : config_(std::move(config)), options_(options), engine_(options.threads) {
  assert(checkpoints.size() == 1 + config_.other_graphs.size());
  for (std::size_t i = 0; i < checkpoints.size(); ++i)
    networks_.push_back(std::make_unique<TrainedNetwork>(
        checkpoints[i], std::move(i == 0 ? config_.graph : config_.other_graphs[i - 1]), engine_,
        workspace_, options));
}

std::size_t Predictor::memory_bytes() {
  std::size_t bytes = 0;
  for (const auto& network : networks_) bytes += network->memory_bytes();
  if (members() > 1)
    for (const Shape& shape : output_shapes(graph()))
      bytes += members() * shape.with_batch(batch_size()).count() * sizeof(float);
  return bytes + workspace_.bytes();
}

std::string Predictor::warning() const {
  for (const auto& network : networks_)
    if (!network->warning().empty()) return network->warning();
  return {};
}

void Predictor::round_to_bytes(Quantization quantization) {
  outputs_.clear();
  networks_.front()->round_to_bytes(std::move(quantization));
}

std::span<float> Predictor::predict(std::span<const float> samples, std::int64_t count) {
  std::ranges::copy(samples, input().begin());
  return predict(count);
}

std::span<float> Predictor::predict(std::int64_t count) {
  const std::span<const float> samples =
      input().first(graph().input_shape().with_batch(count).count());
  const bool are_moderate = is_moderate(samples);
  for (std::size_t member = 0; member < members(); ++member) {
    const auto outputs = networks_[member]->predict(samples, count, are_moderate);
    if (members() == 1)
      outputs_.assign(outputs.begin(), outputs.end());
    else
      join(member, outputs, count);
  }
  const std::size_t values = outputs_.front().values.size();
  const std::span<float> result = members() == 1 ? networks_.front()->main_output().first(values)
                                                 : std::span(joined_.front()).first(values);
  was_finite_ = (are_moderate || is_finite(samples)) && is_finite(result);
  return result;
}

// Copies the outputs of a member to their places among those of all.
void Predictor::join(std::size_t member, std::span<const OutputValues> outputs,
                     std::int64_t count) {
  if (member == 0) {
    outputs_.clear();
    joined_.resize(outputs.size());
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::size_t values = outputs[i].values.size() / static_cast<std::size_t>(count);
    if (member == 0) {
      std::vector<Shape::Extent> extents = outputs[i].shape.extents();
      extents[1] *= static_cast<Shape::Extent>(members());
      const Shape shape(std::move(extents));
      joined_[i].resize(shape.count());
      outputs_.push_back({shape, joined_[i], {}});
    }
    for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row)
      std::ranges::copy(
          outputs[i].values.subspan(row * values, values),
          joined_[i].begin() + static_cast<std::ptrdiff_t>((row * members() + member) * values));
  }
}

}  // namespace lucid
