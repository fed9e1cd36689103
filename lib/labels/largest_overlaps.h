#pragma once

#include <functional>
#include <map>
#include <vector>

#include "labels/components.h"

namespace lucid {

// Voxels of a label in a prediction, and those of them that have it in the truth.
struct OverlapVoxels {
  std::int64_t predicted = 0, in_both = 0;
  OverlapVoxels& operator+=(const OverlapVoxels& other);
};

// A label of a prediction as it is, and after components were removed.
struct LargestOverlaps {
  std::int64_t in_truth = 0;
  OverlapVoxels all;                    // nothing removed
  OverlapVoxels largest;                // the largest component of the label
  OverlapVoxels in_foreground;          // in the largest component of the foreground
  OverlapVoxels largest_in_foreground;  // of that, the largest component of the label
};

// The same plane of a prediction and the truth. Components are those of `predicted`; `counted` is
// the same but for voxels that do not count, where it and `truth` are 0.
struct OverlapPlanes {
  std::vector<Label> predicted, counted, truth;
};

// Finds in one pass what is left of a prediction if the largest components alone are kept, as
// Postprocessed does it, and what of that is right; for all labels but 0 that count in one of the
// two. Calls `read` for each plane in order. Memory: a few planes and 60 bytes for each part of a
// component. Throws Error(kFailed) if there are more parts than 2^32 - 1.
std::map<Label, LargestOverlaps> largest_overlaps(const Triple& extents, Connectivity connectivity,
                                                  const std::function<void(OverlapPlanes&)>& read);

}  // namespace lucid
