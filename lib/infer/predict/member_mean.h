#pragma once

#include <span>
#include <vector>

#include "infer/predict/activation.h"
#include "infer/predict/predictor.h"

namespace lucid {

// What the numbers of a network's main output stand for.
enum class PredictionMeaning { kClasses, kChannels, kValues };  // shares of classes, of channels
PredictionMeaning meaning_of(const TrainedConfig& config);

// Turns the outputs of a predictor's members, (N, members x C, ...), into their mean. It is taken
// of probabilities where an output is of logits. What a single network predicts stays as it is.
class MemberMean {
 public:
  // For what is written with this activation: softmax and sigmoid are those of each member. Others
  // follow the mean: none of probabilities, if the loss knows some, else of values.
  static MemberMean of_activation(const Predictor& predictor, Activation asked);
  // For losses and metrics that read an output.
  static MemberMean of_scores(const Predictor& predictor, std::size_t output);

  // Puts the means (N, C, ...), a shape with N, in the place of the first values and returns them.
  std::span<float> take(const Shape& mean, std::span<float> values) const;
  // Turns the means into what a loss reads: logits, or values as a network gives them.
  void to_scores(std::span<float> means) const;
  // What still has to be applied to the means.
  Activation rest(Activation asked) const;
  // True if the means are shares of classes that a softmax made.
  bool are_softmax() const { return functions_.front() == Activation::kSoftmax; }
  // The means where members know nothing: where all values of C channels are 0.
  std::vector<float> of_zeros(Shape::Extent channels) const;

 private:
  explicit MemberMean(std::vector<Activation> functions) : functions_(std::move(functions)) {}

  // `one`: the shape of a member's output without N.
  void apply(const Shape& one, std::span<float> values) const;
  bool is_of_one() const { return functions_.size() == 1; }

  std::vector<Activation> functions_;  // of each member; a single network's is none
};

// What becomes of planes of predictions before they are interpolated: their mean over the members,
// and probabilities where classes are chosen between voxels.
class BeforeInterpolation {
 public:
  BeforeInterpolation(const Predictor& predictor, Activation asked);

  // As MemberMean::take(). Only argmax is left to be applied to what is interpolated.
  std::span<float> apply(const Shape& mean, std::span<float> planes) const;
  // What C channels are around the volume, which the network has not seen: the background.
  std::vector<float> background(Shape::Extent channels) const;

 private:
  MemberMean mean_;
  Activation function_;  // of the mean
  bool is_background_first_;
};

// Returns the outputs of a batch, as the predictor gives them, as losses and metrics read them: in
// `buffers`, or where they are if the predictor has one network.
std::vector<OutputValues> scores_of(const Predictor& predictor,
                                    std::span<const OutputValues> predicted,
                                    std::vector<std::vector<float>>& buffers);

}  // namespace lucid
