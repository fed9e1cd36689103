#include "preview/view_plan.h"

#include <utility>

namespace lucid {
namespace {

// Returns the stored axis (0 d, 1 h, 2 w) with one of two opposite directions, such as "LR".
std::size_t axis_along(const std::string& letters, const std::string& pair) {
  for (std::size_t i = 0; i < 3; ++i)  // the letters are of w, h, d
    if (pair.find(letters[i]) != std::string::npos) return 2 - i;
  return 3;
}

std::array<ViewPlan, 3> anatomical(const std::string& letters) {
  const std::size_t side = axis_along(letters, "LR"), front = axis_along(letters, "PA"),
                    top = axis_along(letters, "IS");
  const auto leads_to = [&](std::size_t axis, char letter) { return letters[2 - axis] == letter; };
  std::array<ViewPlan, 3> views{{{"axial", top, front, side, false, false, "R", "A"},
                                 {"coronal", front, top, side, false, false, "R", "S"},
                                 {"sagittal", side, top, front, false, false, "A", "S"}}};
  for (ViewPlan& view : views) {
    view.is_turned_down = leads_to(view.down, view.top_letter[0]);
    view.is_turned_right = leads_to(view.right, view.left_letter[0]);
  }
  return views;
}

}  // namespace

std::array<ViewPlan, 3> plan_views(const std::optional<Geometry>& geometry,
                                   const std::string& flipped) {
  const std::string letters = geometry ? orientation(geometry->affine) : "???";
  const bool is_placed = geometry && (geometry->sform_code > 0 || geometry->qform_code > 0);
  std::array<ViewPlan, 3> views{{{"d", 0, 1, 2, false, false, "", ""},
                                 {"h", 1, 0, 2, false, false, "", ""},
                                 {"w", 2, 0, 1, false, false, "", ""}}};
  if (is_placed && letters.find('?') == std::string::npos) views = anatomical(letters);
  for (ViewPlan& view : views) {
    const auto flips = [&](std::size_t axis) {
      return flipped.find("dhw"[axis]) != std::string::npos;
    };
    if (flips(view.down)) {
      view.is_turned_down = !view.is_turned_down;
      view.top_letter.clear();
    }
    if (flips(view.right)) {
      view.is_turned_right = !view.is_turned_right;
      view.left_letter.clear();
    }
  }
  return views;
}

}  // namespace lucid
