#include "infer/predict/member_mean.h"

#include <algorithm>
#include <cmath>

#include "objective/prediction/voxel_block.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 4096;  // values that a thread adds up at a time

Activation function_of(PredictionKind kind, const std::string& last_layer) {
  if (kind == PredictionKind::kValues || last_layer == "Softmax" || last_layer == "Sigmoid")
    return Activation::kNone;
  return kind == PredictionKind::kClassLogits ? Activation::kSoftmax : Activation::kSigmoid;
}

// The meaning of an output to the first loss that reads it.
PredictionKind kind_of_output(const Objective& objective, std::size_t output) {
  for (const ObjectiveTerm& term : objective.terms())
    if (term.output == output) return term.loss->prediction_kind();
  return PredictionKind::kValues;
}

std::vector<Activation> functions_of(const Predictor& predictor, std::size_t output) {
  std::vector<Activation> functions(predictor.members(), Activation::kNone);
  const PredictionKind kind = kind_of_output(*predictor.config().objective, output);
  for (std::size_t i = 0; i < functions.size() && functions.size() > 1; ++i)
    functions[i] = function_of(kind, predictor.graph(i).output(output).type);
  return functions;
}

// Runs over axis 1 in place. There are as many to take as there are members, by vector code.
void softmax(const Shape& shape, std::span<float> values) {
  const std::int64_t classes = shape[1], voxels = shape.elements() / (shape[0] * classes),
                     blocks = (voxels + kVoxelsABlock - 1) / kVoxelsABlock;
  parallel_for(shape[0] * blocks, [&](std::int64_t i) {
    const std::int64_t sample = i / blocks, first = i % blocks * kVoxelsABlock;
    float* const begin = values.data() + sample * classes * voxels + first;
    const VoxelBlock block{begin,   nullptr, begin, sample, std::min(kVoxelsABlock, voxels - first),
                           classes, voxels};
    PerVoxel largest, sum;
    find_max(block, largest);
    add_exponentials(block, largest, sum);
    for (std::int64_t c = 0; c < classes; ++c)
      for (std::int64_t v = 0; v < block.voxels; ++v)
        begin[c * voxels + v] /= sum[static_cast<std::size_t>(v)];
  });
}

void apply_function(Activation function, const Shape& shape, std::span<float> values) {
  if (function == Activation::kSoftmax)
    softmax(shape, values);
  else
    apply_activation(function, shape, values);
}

// PyTorch's BCELoss has the same least logarithm.
float log_of_share(float share) { return std::max(std::log(share), -100.0F); }

}  // namespace

PredictionMeaning meaning_of(const TrainedConfig& config) {
  const std::string& last_layer = config.graph.output(0).type;
  const PredictionKind kind = config.objective->main().prediction_kind();
  if (last_layer == "Softmax") return PredictionMeaning::kClasses;
  if (last_layer == "Sigmoid") return PredictionMeaning::kChannels;
  if (kind == PredictionKind::kValues) return PredictionMeaning::kValues;
  return kind == PredictionKind::kClassLogits ? PredictionMeaning::kClasses
                                              : PredictionMeaning::kChannels;
}

MemberMean MemberMean::of_activation(const Predictor& predictor, Activation asked) {
  std::vector<Activation> functions = functions_of(predictor, 0);
  if (functions.size() > 1 && (asked == Activation::kSoftmax || asked == Activation::kSigmoid))
    std::ranges::fill(functions, asked);
  return MemberMean(std::move(functions));
}

MemberMean MemberMean::of_scores(const Predictor& predictor, std::size_t output) {
  return MemberMean(functions_of(predictor, output));
}

// Members differ where only some networks end in the function.
void MemberMean::apply(const Shape& one, std::span<float> values) const {
  const std::size_t count = one.count(), all = values.size() / count;
  if (std::ranges::count(functions_, functions_.front()) == std::ssize(functions_))
    return apply_function(functions_.front(), one.with_batch(static_cast<Shape::Extent>(all)),
                          values);
  for (std::size_t i = 0; i < all; ++i)
    apply_function(functions_[i % functions_.size()], one.with_batch(1),
                   values.subspan(i * count, count));
}

// A sample's mean lies before what has not been read yet, so the samples go one after the other.
std::span<float> MemberMean::take(const Shape& mean, std::span<float> values) const {
  if (is_of_one()) return values;
  const auto samples = static_cast<std::size_t>(mean[0]);
  const std::size_t members = functions_.size(), count = mean.count() / samples;
  apply(mean.without_first(), values.first(samples * members * count));
  const auto all = static_cast<float>(members);
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const float* from = values.data() + sample * members * count;
    float* to = values.data() + sample * count;
    parallel_blocks(static_cast<std::int64_t>(count), kBlock,
                    [=](std::int64_t begin, std::int64_t end) {
                      for (std::int64_t i = begin; i < end; ++i) {
                        float sum = from[i];
                        for (std::size_t m = 1; m < members; ++m)
                          sum += from[static_cast<std::int64_t>(m * count) + i];
                        to[i] = sum / all;
                      }
                    });
  }
  return values.first(samples * count);
}

void MemberMean::to_scores(std::span<float> means) const {
  const Activation function = functions_.front();
  if (is_of_one() || function == Activation::kNone) return;
  float* values = means.data();
  parallel_blocks(std::ssize(means), kBlock, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      values[i] = log_of_share(values[i]) -
                  (function == Activation::kSigmoid ? log_of_share(1 - values[i]) : 0.0F);
  });
}

Activation MemberMean::rest(Activation asked) const {
  return is_of_one() || asked == Activation::kArgmax ? asked : Activation::kNone;
}

std::vector<float> MemberMean::of_zeros(Shape::Extent channels) const {
  std::vector<float> values(functions_.size() * static_cast<std::size_t>(channels), 0.0F);
  const std::span<float> means = take({1, channels}, values);
  return {means.begin(), means.end()};
}

BeforeInterpolation::BeforeInterpolation(const Predictor& predictor, Activation asked)
    : mean_(MemberMean::of_activation(predictor, asked)), function_(mean_.rest(asked)) {
  const bool are_shares = predictor.members() > 1 || predictor.graph().output(0).type == "Softmax";
  if (asked == Activation::kArgmax)
    function_ = are_shares ? Activation::kNone : Activation::kSoftmax;
  is_background_first_ =
      asked == Activation::kArgmax || function_ == Activation::kSoftmax || mean_.are_softmax();
}

std::span<float> BeforeInterpolation::apply(const Shape& mean, std::span<float> planes) const {
  const std::span<float> means = mean_.take(mean, planes);
  apply_activation(function_, mean, means);
  return means;
}

std::vector<float> BeforeInterpolation::background(Shape::Extent channels) const {
  std::vector<float> values(static_cast<std::size_t>(channels), 0.0F);
  if (is_background_first_) values[0] = 1;
  return values;
}

std::vector<OutputValues> scores_of(const Predictor& predictor,
                                    std::span<const OutputValues> predicted,
                                    std::vector<std::vector<float>>& buffers) {
  std::vector<OutputValues> outputs(predicted.begin(), predicted.end());
  if (predictor.members() == 1) return outputs;
  buffers.resize(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const MemberMean mean = MemberMean::of_scores(predictor, i);
    buffers[i].assign(outputs[i].values.begin(), outputs[i].values.end());
    const Shape shape = predictor.graph().output(i).shape.with_batch(outputs[i].shape[0]);
    const std::span<float> means = mean.take(shape, buffers[i]);
    mean.to_scores(means);
    outputs[i] = {shape, means, {}};
  }
  return outputs;
}

}  // namespace lucid
