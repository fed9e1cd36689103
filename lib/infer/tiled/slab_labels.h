#pragma once
// Private to this room.

#include <memory>
#include <span>
#include <vector>

#include "infer/predict/predicted_labels.h"
#include "infer/tiled/slab_evaluation.h"
#include "infer/tiled/slab_planes.h"

namespace lucid {

// The classes of a volume in its finished slabs, which are read as often as needed.
class SlabLabels : public LabelPlanes {
 public:
  // The arguments must outlive this object; `number` is that of the volume.
  SlabLabels(const TiledVolume& volume, std::size_t number, const SlabFiles& slabs);

  const Triple& extents() const override { return volume_.output.extents(); }
  void rewind() override { next_ = 0; }
  void read(std::span<Label> plane) override;

 private:
  const TiledVolume& volume_;
  SlabPlanes planes_;
  std::int64_t next_ = 0;
  std::vector<std::byte> stored_;
};

// The planes of a volume as they are written after postprocessing. No more than some planes are in
// memory.
class PostprocessedSlabs {
 public:
  // Finds what the rules remove and fill. `evaluation` measures the planes that are read, unless it
  // is null. The arguments must outlive this object.
  PostprocessedSlabs(const PostprocessRules& rules, const TiledVolume& volume, std::size_t number,
                     const SlabFiles& slabs, SlabEvaluation* evaluation);

  // Reads the next planes of the volume, as many as fill `out`.
  void read(std::span<std::byte> out);
  const PostprocessCounts& counts() const { return labels_.counts(); }

 private:
  void read_group();

  const TiledVolume& volume_;
  SlabEvaluation* evaluation_;
  SlabLabels classes_;
  Postprocessed labels_;
  std::vector<std::byte> group_;  // some planes that were read together
  std::size_t taken_ = 0;         // bytes of it
  std::int64_t next_ = 0;         // the plane behind it
};

// Throws Error(kUsage) if the rules need the size of a volume's voxels and its file does not say
// it.
void check_voxel_sizes(const PostprocessRules& rules, std::span<const TiledVolume> volumes);

}  // namespace lucid
