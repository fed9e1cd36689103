#pragma once

#include <span>
#include <string>
#include <vector>

#include "preview/picture.h"
#include "preview/tile.h"

namespace lucid {

// A slice with a line above it, such as "truth".
struct Panel {
  std::string caption;
  Slice slice;
  IntensityWindow window{};
};

// Slices side by side below a title and lines of text. All are drawn as large as the first one,
// whose longer side has `side` pixels. Labels above 0 are explained by a line of their colours.
struct PanelSheet {
  std::string title;
  std::vector<std::string> lines;
  std::vector<Panel> panels;  // at least one
};
Picture draw_panels(const PanelSheet& sheet, std::int64_t side);

}  // namespace lucid
