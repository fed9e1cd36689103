#pragma once
// Private to this room.

#include <vector>

#include "infer/predict/predictor.h"
#include "infer/window/flips.h"

namespace lucid {

// Predicts samples as they are, or the mean over mirror images of each, whose outputs of voxels are
// mirrored back.
class FlippedBatch {
 public:
  // The predictor must outlive this object.
  FlippedBatch(Predictor& predictor, const Flips& axes)
      : predictor_(predictor), images_(mirror_images(axes)) {}

  // As Predictor::predict(), outputs() and was_finite(), over all images.
  std::span<float> predict(std::span<const float> samples, std::int64_t count);
  std::span<const OutputValues> outputs() const { return outputs_; }
  bool was_finite() const { return was_finite_; }

 private:
  void add(const Flips& flips);

  Predictor& predictor_;
  std::vector<Flips> images_;             // the sample itself is the first
  std::vector<std::vector<float>> sums_;  // by output
  std::vector<OutputValues> outputs_;
  std::vector<float> mirrored_;
  bool was_finite_ = true;
};

}  // namespace lucid
