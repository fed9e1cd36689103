#include "preview/panels.h"

#include <doctest/doctest.h>

#include "preview/decoded.h"
#include "preview/legend.h"
#include "preview/palette.h"

namespace lucid::test {
namespace {

Panel panel(const std::string& caption, std::vector<std::int64_t> labels) {
  return {caption, {2, 3, {0, 1, 2, 3, 4, 5}, std::move(labels)}, {0, 5}};
}

}  // namespace

TEST_CASE("panels lie side by side at one scale, below lines of text") {
  const PanelSheet sheet{"title", {"one", "two"}, {panel("image", {}), panel("truth", {})}};
  const Picture picture = draw_panels(sheet, 300);
  CHECK(picture.width() == 300 + 10 + 300 + 2 * 12);
  CHECK(picture.height() == 22 * 4 + 200 + 2 * 12);
  const Colour black = picture.at(12, 12 + 22 * 4), white = picture.at(12 + 299, 12 + 22 * 4 + 199);
  CHECK(black == Colour{});
  CHECK(white == Colour{255, 255, 255});
  CHECK(picture.at(12 + 305, 12 + 22 * 4 + 100) == kBackground);
}

TEST_CASE("labels of any panel are explained by their colours") {
  const PanelSheet without{"title", {}, {panel("image", {})}};
  PanelSheet with = without;
  with.panels.push_back(panel("truth", {0, 0, 0, 0, 0, 2}));
  const Picture picture = draw_panels(with, 300);
  CHECK(picture.height() == draw_panels(without, 300).height() + 22);
  CHECK(picture.at(13, 12 + 22 + 1) == class_colour(2));
  CHECK(pixels_of(draw_panels(without, 300), class_colour(2)) == 0);
}

TEST_CASE("a picture of one small slice has room for text") {
  const Picture picture = draw_panels({"a title of some length", {}, {panel("image", {})}}, 30);
  CHECK(picture.width() == 600 + 24);
  CHECK(picture.at(12 + 31, 12 + 22 * 2) == kBackground);
}

}  // namespace lucid::test
