#pragma once
// Private to this room.

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "formats/readers/geometry.h"

namespace lucid {

// Describes how slices across one stored axis are shown.
struct ViewPlan {
  std::string name;        // "axial", or "d" if the orientation is unknown
  std::size_t across = 0;  // axes: 0 d, 1 h, 2 w
  std::size_t down = 1, right = 2;
  bool is_turned_down = false;  // the axis points upwards in the picture
  bool is_turned_right = false;
  std::string left_letter, top_letter;  // "R", "S": directions of these edges; empty if unknown
};

// Returns axial, coronal and sagittal views in radiological convention: the patient's right on the
// left, anterior or superior up, and in sagittal slices anterior on the left. Without a geometry,
// axes keep the stored order; `flipped` lists those to reverse (letters of d h w).
std::array<ViewPlan, 3> plan_views(const std::optional<Geometry>& geometry,
                                   const std::string& flipped);

}  // namespace lucid
