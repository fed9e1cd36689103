#pragma once
// Private to this room.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "formats/writers/zarr_pyramid.h"

namespace lucid {

// What all levels of an image have in common.
struct ZarrImageFiles {
  std::filesystem::path folder, named;  // where it is written, and the name for errors
  ElementType type = ElementType::kUint8;
  bool has_channels = false;
  Triple chunk{};  // extents along d, h, w; cut to those of a level
  VoxelReduction reduction = VoxelReduction::kMean;
  int threads = 1;
};

// The array of one level, which is written from front to back, channel by channel. Every slab of
// chunks that is complete is written and handed to the next level: memory is that of one slab.
class ZarrLevel {
 public:
  // `below` is the next level, null at the end, and `step` that from this level to it.
  ZarrLevel(const ZarrImageFiles& image, std::string name, const Triple& extents, ZarrLevel* below,
            const Triple& step);

  // Returns memory for the next planes, at least one, at most those that complete a slab.
  std::span<std::byte> room();
  // So many planes of room() are filled. Throws Error(kFailed) if they cannot be written.
  void advance(std::int64_t planes);

  std::int64_t plane_bytes() const { return plane_bytes_; }
  const Triple& extents() const { return extents_; }
  const Triple& chunk() const { return chunk_; }

 private:
  std::int64_t slab_planes() const { return std::min(chunk_[0], extents_[0] - begin_); }
  void write_slab() const;
  void write_chunk(const std::filesystem::path& folder, std::int64_t down,
                   std::int64_t across) const;
  void hand_down() const;

  const ZarrImageFiles& image_;
  std::string name_;
  Triple extents_, chunk_, step_;
  ZarrLevel* below_;
  std::int64_t plane_bytes_;
  std::vector<std::byte> slab_;
  std::int64_t channel_ = 0, begin_ = 0,
               filled_ = 0;  // the slab's first plane, and how many it has
};

}  // namespace lucid
