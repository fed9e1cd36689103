#include "infer/predict/trained_network.h"

#include <algorithm>

#include "kernels/simd/finite.h"
#include "store/checkpoint.h"

namespace lucid {
namespace {

std::string warning_of(const std::filesystem::path& checkpoint, const Parameters& parameters) {
  for (const Parameter& parameter : parameters)
    if (!is_finite(parameter.value.values()))
      return checkpoint.string() + ": /parameters/" + parameter.name +
             ": holds NaN or infinite values, and so may predictions; take another checkpoint";
  return {};
}

// A variance below 0 makes NaNs of the weights that a batch norm is folded into.
bool are_moderate(const Parameters& parameters) {
  return std::ranges::all_of(parameters, [](const Parameter& parameter) {
    const std::span<const float> values = parameter.value.values();
    const bool is_variance = parameter.name.ends_with("/running_var");
    return is_moderate(values) &&
           !(is_variance && std::ranges::any_of(values, [](float value) { return value < 0; }));
  });
}

}  // namespace

bool is_moderate(std::span<const float> values) {
  constexpr float kLargest = 1e15F;
  return all_within(values, kLargest);
}

TrainedNetwork::TrainedNetwork(const std::filesystem::path& checkpoint, Graph graph, Engine& engine,
                               Workspace& workspace, const PredictorOptions& options)
    : options_(options), model_(std::move(graph), engine, 0) {
  model_.work_in(workspace);
  plan(Care::kUsual);
  CheckpointFile::open_again(checkpoint).load_parameters(model_);
  warning_ = warning_of(checkpoint, model_.parameters());
  if (!are_moderate(model_.parameters())) usual_ = Care::kForNaN;
}

// oneDNN's ReLU, which its convolutions and matrix products fuse, turns a NaN into 0. Its own
// convolutions spread a NaN no further than their kernels reach, and leave an infinity one.
// Bytes hold no NaN at all.
CompileOptions TrainedNetwork::compile_options(Care care) const {
  const bool is_usual = care == Care::kUsual;
  return {.mode = Mode::kInfer,
          .batch = options_.batch_size,
          .fuse_relu = is_usual,
          .routes = {.forward = is_usual ? "" : "onednn"},
          .main_output_only = options_.main_output_only,
          .precision = options_.precision,
          .quantization = is_usual ? quantization_ : Quantization{}};
}

std::span<const OutputValues> TrainedNetwork::predict(std::span<const float> samples,
                                                      std::int64_t count, bool are_moderate) {
  way_ = &plan(are_moderate ? usual_ : Care::kForNaN);
  const std::span<float> input = way_->input().values();
  if (input.data() != samples.data()) std::ranges::copy(samples, input.begin());
  way_->forward();
  outputs_ = output_values(*way_, model_.graph(), count);
  return outputs_;
}

std::size_t TrainedNetwork::memory_bytes() {
  const Plan& usual = plan(usual_);
  return usual.memory_bytes() - usual.arena_bytes();
}

void TrainedNetwork::round_to_bytes(Quantization quantization) {
  quantization_ = std::move(quantization);
  outputs_.clear();
  model_.forget_plans();
}

// The rows of the last batch that no sample is left for repeat the first ones.
void TrainedNetwork::show(std::span<const float> samples, std::int64_t count, ByteRanges& ranges) {
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

}  // namespace lucid
