#pragma once
// Private to this room.

#include <memory>
#include <optional>
#include <span>

#include "base/warnings.h"
#include "infer/tiled/partial_folder.h"
#include "infer/tiled/volume_walk.h"

namespace lucid {

// Computes slabs of volumes, in any order, and commits them to the partial folder.
class SlabWorker {
 public:
  // Everything but the context must outlive the worker; `note` receives warnings for the user.
  SlabWorker(WalkContext context, std::span<const TiledVolume> volumes, PartialFolder& partial,
             const InferNote& note)
      : context_(std::move(context)), volumes_(volumes), partial_(partial), note_(note) {}

  // The claim of the slab is the caller's. Returns false if it was told to stop.
  bool compute(SlabNumber slab);
  // The slab that costs least to go on with: this object holds the sums that it starts from.
  std::optional<SlabNumber> next() const { return next_; }
  // The windows that were computed only to begin somewhere.
  std::int64_t windows_again() const { return windows_again_; }
  // Gives up the memory for slabs.
  void rest() { walk_.reset(), next_.reset(); }

 private:
  bool begin(SlabNumber slab);
  const Normalization& normalization_of(std::size_t number);
  void finish(SlabNumber slab);
  void write_seen(const TiledVolume& volume, std::size_t depth, SlabWriter& writer);
  void write_resampled(const TiledVolume& volume, std::size_t depth, SlabWriter& writer);
  Shape seen_planes(const TiledVolume& volume, std::int64_t count) const;
  std::size_t sums_after(SlabNumber slab) const;

  WalkContext context_;
  std::span<const TiledVolume> volumes_;
  PartialFolder& partial_;
  const InferNote& note_;
  std::optional<std::size_t> normalized_;  // the volume that has the normalization
  Normalization normalization_;
  Warnings warnings_;
  std::unique_ptr<VolumeWalk> walk_;
  std::optional<SlabNumber> next_;
  std::int64_t windows_again_ = 0;
};

}  // namespace lucid
