#pragma once

#include <map>
#include <string>
#include <vector>

#include "labels/postprocess.h"

namespace lucid {

// Reads "2,3=1": labels 2 and 3 become 1. Throws Error(kUsage).
std::map<Label, Label> parse_merges(const std::vector<std::string>& texts);

// The least size of a component: "50" voxels, "30mm3" or "0.03ml".
struct LeastSize {
  double size = 0;
  bool is_voxels = true;  // else mm^3

  // Returns the least number of voxels.
  std::int64_t voxels(double voxel_mm3) const;
};
LeastSize parse_least_size(const std::string& text);

}  // namespace lucid
