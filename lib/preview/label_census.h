#pragma once

#include <array>
#include <functional>
#include <map>
#include <vector>

#include "preview/volume_slices.h"

namespace lucid {

// How many voxels each label has, and how many labelled ones (above 0) each slice.
struct LabelCensus {
  std::map<std::int64_t, std::int64_t> voxels;
  std::array<std::vector<std::int64_t>, 3> labelled;  // by d, h, w
};

// Reads box by box; `tell` is told how much is done, 0 to 1.
LabelCensus count_labels(const SlicedVolume& labels, const std::function<void(double)>& tell);

// Where along an axis to cut: a slice at the middle of what is labelled, or several spread over it;
// over the whole axis where nothing is.
std::vector<std::int64_t> slice_places(const std::vector<std::int64_t>& labelled,
                                       std::int64_t extent, std::int64_t count);

}  // namespace lucid
