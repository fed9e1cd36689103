#pragma once
// Private to this room.

#include <optional>
#include <vector>

#include "infer/predict/predicted_labels.h"
#include "infer/tiled/tiled_file.h"

namespace lucid {

// Computes the loss and the metrics of the checkpoint's config against the targets of volumes, slab
// by slab, so that memory does not depend on a volume's depth. Each volume counts as one batch.
class SlabEvaluation {
 public:
  // `predictor` must compute every output and outlive this object. Where classes are postprocessed,
  // the metrics that read classes alone are measured by add_labels().
  SlabEvaluation(const InferOptions& options, const Predictor& predictor);

  // Starts the next volume, which must live until end(). Throws Error(kData) if its target does not
  // fit.
  void begin(const TiledVolume& volume);
  // Adds the outputs other than the main one that losses read, from row `row` of the last
  // prediction.
  void add_window(const WindowPlace& place, const Flips& flips, float share, std::size_t row);
  // Evaluates `count` planes of the output's grid from plane `first` on. They are made of the sums
  // of the members' main outputs, (D, members x C, H, W), the first of which is plane `seen`.
  void add(std::span<const float> sums, std::int64_t seen, std::int64_t first, std::int64_t count);
  void end() { evaluation_.end_sample(); }
  // Evaluates planes of postprocessed labels that begin at plane `first` of a volume, which must
  // live as long. Call it after all volumes have come to their end.
  void begin_labels(const TiledVolume& volume);
  void add_labels(std::span<const Label> planes, std::int64_t first);
  // The first value of the volume's target that is not finite, of the planes added so far.
  const std::optional<StoredValue>& non_finite_target() const { return non_finite_; }

  Measurements measured() const;

 private:
  // An output other than the main one that a loss reads. If it has fewer voxels, its sums are of
  // repeated ones.
  struct OtherOutput {
    std::size_t output;
    std::optional<Triple> strides;  // the main output's voxels per voxel
    SlabSums sums;
  };
  // Planes of an output and the targets that they are compared with.
  struct Compared {
    std::vector<float> values, target;
    Shape shape;  // of the values; planes are seen as a batch
  };

  void use(const TiledVolume& volume);
  void check(const VolumeStacks& stacks) const;
  Shape planes_of(std::size_t output, std::int64_t count) const;
  Compared compared(OtherOutput& other, std::span<const float> target, std::int64_t first,
                    std::int64_t count) const;
  std::vector<float> values_of(OtherOutput& other, std::int64_t first, std::int64_t count) const;
  std::vector<float> scores(std::size_t output, std::span<const float> sums, std::int64_t seen,
                            std::int64_t first, std::int64_t count) const;
  std::vector<float> read(Stack& stack, std::int64_t first, std::int64_t count) const;
  std::vector<float> read_target(std::int64_t first, std::int64_t count);
  // Throws Error(kData) naming the stored value if a loss does not accept a target of these planes.
  void check_target(std::span<const float> target, std::int64_t first, std::int64_t count);

  const Predictor& predictor_;
  ChunkCache cache_{0};  // every plane is read only once
  Evaluation evaluation_;
  std::optional<LabelMetrics> of_labels_;
  std::optional<std::int64_t> ignored_;
  std::vector<OtherOutput> others_;
  std::vector<ValueRule> rules_;  // of the targets
  std::optional<StoredValue> non_finite_;
  const TiledVolume* volume_ = nullptr;
};

}  // namespace lucid
