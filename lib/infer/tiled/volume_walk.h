#pragma once
// Private to this room.

#include <functional>
#include <vector>

#include "infer/planes/volume_slab.h"
#include "infer/predict/non_finite.h"
#include "infer/tiled/slab_evaluation.h"
#include "infer/tiled/tiled_file.h"

namespace lucid {

// What the volumes of a run share. `evaluation` is null without a target. `progress` receives how
// many windows are done now and returns whether to continue.
struct WalkContext {
  Predictor& predictor;
  const Tiling& tiling;
  NonFinite& non_finite;
  SlabEvaluation* evaluation;
  std::function<bool(std::int64_t)> progress;
};

// The channels that are added up: those of the main outputs of all members.
std::int64_t predicted_channels(const Predictor& predictor);

// Predicts the windows of a volume and adds them up, one depth index after the other.
class VolumeWalk {
 public:
  // The context, the volume and its normalization must outlive the walk.
  VolumeWalk(const WalkContext& context, const TiledVolume& volume, std::size_t number,
             const Normalization& normalization);

  std::size_t volume() const { return number_; }
  // Begins with the sums that the depth indices before left.
  void restore(std::size_t depth, std::span<const float> sums);
  // Begins without them: predicts the windows before that touch planes of this depth index once
  // more. Like predict(), returns false if it was told to stop before the last window.
  bool catch_up(std::size_t depth);
  bool predict(std::size_t depth);

  SlabSums& sums() { return sums_; }
  std::int64_t windows_again() const { return windows_again_; }

 private:
  struct Turn {
    WindowPlace place;
    Flips flips;
  };

  void predict_batch();
  void note_non_finite();

  const WalkContext& context_;
  const TiledVolume& volume_;
  std::size_t number_;
  ChunkCache cache_{0};  // every plane is read only once
  VolumeSlab slab_;
  SlabSums sums_;
  std::vector<Turn> batch_;
  bool is_again_ = false, goes_on_ = true;
  std::int64_t windows_again_ = 0;
};

}  // namespace lucid
