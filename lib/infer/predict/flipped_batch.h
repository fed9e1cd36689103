#pragma once
// Private to this room.

#include <vector>

#include "infer/predict/predictor.h"
#include "infer/window/slab_sums.h"

namespace lucid {

// Predicts samples as they are, or the mean over all eight mirror images of each, whose outputs of
// voxels are mirrored back.
class FlippedBatch {
 public:
  // The predictor must outlive this object.
  FlippedBatch(Predictor& predictor, std::int64_t turns) : predictor_(predictor), turns_(turns) {}

  // As Predictor::predict(), outputs() and was_finite(), over all turns.
  std::span<float> predict(std::span<const float> samples, std::int64_t count);
  std::span<const OutputValues> outputs() const { return outputs_; }
  bool was_finite() const { return was_finite_; }

 private:
  void add(const Flips& flips);

  Predictor& predictor_;
  std::int64_t turns_;                    // 1 or 8
  std::vector<std::vector<float>> sums_;  // by output
  std::vector<OutputValues> outputs_;
  std::vector<float> mirrored_;
  bool was_finite_ = true;
};

}  // namespace lucid
