#pragma once
// Private to this room.

#include <vector>

#include "data/resample/volume_resampling.h"
#include "infer/planes/input_planes.h"
#include "infer/planes/scaling.h"

namespace lucid {

// The planes of an input at another voxel size, normalized before they are resampled. Stored planes
// are read once, and kept, resampled along h and w, as long as planes to come are made of them.
class ResampledPlanes {
 public:
  // `first_channel` is that of the input among those of the normalization. The arguments must
  // outlive this object.
  ResampledPlanes(const InputPlanes& input, const VolumeResampling& resampling,
                  const Normalization& normalization, std::int64_t first_channel);

  // Makes planes [begin, end) as (D, C, H, W); they must ascend from call to call.
  void read(std::int64_t begin, std::int64_t end, std::span<float> out);

 private:
  void hold(std::int64_t begin, std::int64_t end);
  void add(std::int64_t begin, std::int64_t end);
  std::size_t plane() const;  // voxels of a resampled plane, all channels

  const InputPlanes& input_;
  const VolumeResampling& resampling_;
  std::vector<Scaling> scalings_;  // of each channel
  std::int64_t begin_ = 0, end_ = 0;
  std::vector<float> held_;  // stored planes [begin_, end_) of the region, resampled along h and w
};

}  // namespace lucid
