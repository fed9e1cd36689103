#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "formats/readers/geometry.h"

namespace lucid {

// How slices across one stored axis are shown.
struct ViewPlan {
  std::string name;        // "axial", or "d" where nothing is known of the patient
  std::size_t across = 0;  // axes: 0 d, 1 h, 2 w
  std::size_t down = 1, right = 2;
  bool is_turned_down = false;  // the axis runs upwards in the picture
  bool is_turned_right = false;
  std::string left_letter, top_letter;  // "R", "S": what lies at these edges; empty: unknown
};

// Axial, coronal, sagittal, as radiologists hang them: the patient's right on the left, front or
// top up, and in sagittal slices the front on the left. Without a geometry the stored order; axes
// in `flipped` (letters of d h w) run the other way there.
std::array<ViewPlan, 3> plan_views(const std::optional<Geometry>& geometry,
                                   const std::string& flipped);

}  // namespace lucid
