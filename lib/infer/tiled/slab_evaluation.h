#pragma once

#include <optional>
#include <vector>

#include "data/volumes/volume_stacks.h"
#include "infer/predict/predictor.h"
#include "infer/window/slab_sums.h"

namespace lucid {

// The loss and the metrics of the checkpoint's config against the targets of volumes, gathered slab
// by slab: memory does not depend on a volume's depth. Each volume is a batch of its own.
class SlabEvaluation {
 public:
  // `predictor` computes every output, and has to outlive it.
  explicit SlabEvaluation(const Predictor& predictor);

  // The volume that is next. `planes`: what the slabs' sums hold. Throws Error(kData) where its
  // target does not fit.
  void begin(const VolumeStacks& stacks, std::size_t sample, const WindowGrid& grid,
             std::int64_t planes);
  // What losses need of a window besides the main output: of row `row` of the last prediction.
  void add_window(const WindowPlace& place, const Flips& flips, float share, std::size_t row);
  // Finished planes of the main output, (D, C, H, W), from `first` of the volume.
  void add(std::span<const float> planes, std::int64_t first);
  void end() { evaluation_.end_sample(); }

  Measurements measured() const { return evaluation_.measured(); }

 private:
  // An output behind the main one that a loss looks at.
  struct OtherOutput {
    std::size_t output;
    SlabSums sums;
  };

  void check(const VolumeStacks& stacks) const;
  Shape planes_of(std::size_t output, std::int64_t count) const;
  std::vector<float> read(Stack& stack, std::int64_t first, std::int64_t count) const;
  std::vector<float> read_target(std::int64_t first, std::int64_t count) const;

  const Predictor& predictor_;
  ChunkCache cache_{0};  // every plane is read once
  Evaluation evaluation_;
  std::optional<std::int64_t> ignored_;
  std::vector<OtherOutput> others_;
  const VolumeStacks* stacks_ = nullptr;
  std::size_t sample_ = 0;
};

}  // namespace lucid
