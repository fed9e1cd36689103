#pragma once
// Private to this room.

#include <array>
#include <functional>
#include <map>
#include <vector>

#include "preview/volume_slices.h"

namespace lucid {

// Voxels of each label, and labelled voxels (above 0) of each slice.
struct SliceHistogram {
  std::map<std::int64_t, std::int64_t> voxels;
  std::array<std::vector<std::int64_t>, 3> labelled;  // by d, h, w
};

// Counts box by box; `tell` receives the fraction that is done, 0 to 1.
SliceHistogram count_labels(const SlicedVolume& labels, const std::function<void(double)>& tell);

// Chooses slices along an axis: the one in the middle of the labelled voxels, or several spread
// over them; over the whole axis if there are none.
std::vector<std::int64_t> slice_places(const std::vector<std::int64_t>& labelled,
                                       std::int64_t extent, std::int64_t count);

}  // namespace lucid
