#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/json.h"
#include "labels/postprocess.h"

namespace lucid {

// The least size of a component, in voxels or mm^3.
struct LeastSize {
  double size = 0;
  bool is_voxels = true;  // else mm^3

  // Returns the least number of voxels.
  std::int64_t voxels(double voxel_mm3) const;
};

// What is done to labels as a command or a file says it, for volumes of any voxel size.
struct PostprocessRules {
  PostprocessOptions steps{};           // but for min_voxels
  std::optional<LeastSize> min_size{};  // becomes min_voxels

  bool is_empty() const;  // whether no label changes
  bool needs_voxel_size() const { return min_size && !min_size->is_voxels; }
  Label largest_new_label() const;  // of steps.relabel; 0 without
  // Returns the steps for voxels of a size in mm along d, h, w; unknown: nullopt. Throws
  // Error(kUsage) "PLACE: ..." if it is needed and unknown.
  PostprocessOptions for_voxels(const std::optional<std::array<double, 3>>& voxel_size,
                                const std::string& place) const;
};

// Returns {"merge": {"2": 1}, "min_size": {"mm3": 30}, "keep_largest": "per-class",
// "fill_holes": true, "components": true, "connectivity": 26}, without what is not done;
// "keep_largest" and "fill_holes" may be lists of labels, and sizes be in "voxels". A list
// "keep_largest" begins with "foreground" if that is done before.
Json postprocess_json(const PostprocessRules& rules);
Json postprocess_json(const std::optional<PostprocessRules>& rules);  // null without rules
// Returns the words of lucid-infer --postprocess that say the same: "keep-largest=1,2 fill-holes".
std::string postprocess_text(const PostprocessRules& rules);
// Reads what postprocess_json() returns. Reports errors to the object's ConfigErrors.
PostprocessRules read_postprocess_json(JsonObject object);

}  // namespace lucid
