#include "preview/panels.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "preview/font.h"
#include "preview/legend.h"
#include "preview/palette.h"

namespace lucid {
namespace {

constexpr std::int64_t kEdge = 12, kSpace = 10, kRowHeight = 22, kColourSide = 14;
constexpr std::int64_t kLeastWidth = 600;  // room for 50 letters

std::set<std::int64_t> labels_of(const PanelSheet& sheet) {
  std::set<std::int64_t> labels;
  for (const Panel& panel : sheet.panels)
    for (const std::int64_t label : panel.slice.labels)
      if (label > 0) labels.insert(label);
  return labels;
}

// Draws a swatch and the number of each label, as many as there is room for.
void draw_label_line(Picture& picture, std::int64_t y, const std::set<std::int64_t>& labels) {
  std::int64_t x = kEdge;
  for (const std::int64_t label : labels) {
    const std::string number = std::to_string(label);
    const std::int64_t end = x + kColourSide + kSpace / 2 + text_width(number);
    if (end > picture.width() - kEdge) return;
    picture.fill(x, y, kColourSide, kColourSide, class_colour(label));
    draw_text(picture, x + kColourSide + kSpace / 2, y, number, kInk);
    x = end + kSpace;
  }
}

// A panel is as wide as its caption, at least.
std::int64_t cell_width(const Panel& panel, std::int64_t width) {
  return std::max(width, text_width(panel.caption));
}

std::int64_t width_of(const PanelSheet& sheet, std::int64_t width) {
  std::int64_t sum = -kSpace;
  for (const Panel& panel : sheet.panels) sum += cell_width(panel, width) + kSpace;
  return sum;
}

}  // namespace

Picture draw_panels(const PanelSheet& sheet, std::int64_t side) {
  const Slice& first = sheet.panels.front().slice;
  const double scale =
      static_cast<double>(side) / static_cast<double>(std::max(first.rows, first.columns));
  const auto pixels = [scale](std::int64_t extent) {
    return std::max<std::int64_t>(4, std::llround(scale * static_cast<double>(extent)));
  };
  const std::int64_t width = pixels(first.columns), height = pixels(first.rows);
  const std::int64_t body = std::max(width_of(sheet, width), kLeastWidth);
  const std::set<std::int64_t> labels = labels_of(sheet);
  const std::int64_t rows = 2 + std::ssize(sheet.lines) + (labels.empty() ? 0 : 1);
  Picture picture(body + 2 * kEdge, kRowHeight * rows + height + 2 * kEdge, kBackground);
  std::int64_t x = kEdge, y = kEdge;
  draw_text(picture, x, y, fitted_text(sheet.title, body), kInk);
  for (const std::string& line : sheet.lines)
    draw_text(picture, x, y += kRowHeight, fitted_text(line, body), kFaintInk);
  if (!labels.empty()) draw_label_line(picture, y += kRowHeight, labels);
  y += kRowHeight;
  for (const Panel& panel : sheet.panels) {
    draw_text(picture, x, y, panel.caption, kFaintInk);
    picture.paste(x, y + kRowHeight, draw_slice(panel.slice, panel.window, width, height));
    x += cell_width(panel, width) + kSpace;
  }
  return picture;
}

}  // namespace lucid
