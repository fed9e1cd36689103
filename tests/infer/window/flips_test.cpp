#include "infer/window/flips.h"

#include <doctest/doctest.h>

#include "infer/window/tiling.h"
#include "support/from_text.h"

namespace lucid {
namespace {

TileOptions options_of(const std::string& tta) {
  TileOptions options;
  read_tta(tta, options);
  return options;
}

}  // namespace

TEST_CASE("mirror images are all sets of the axes, w changing fastest") {
  using Images = std::vector<Flips>;
  CHECK(mirror_images({}) == Images{{}});
  CHECK(mirror_images({false, true, false}) == Images{{}, {false, true, false}});
  CHECK(mirror_images({true, false, true}) ==
        Images{{}, {false, false, true}, {true, false, false}, {true, false, true}});
  const Images all = mirror_images({true, true, true});
  REQUIRE(all.size() == 8);
  for (std::size_t i = 0; i < 8; ++i)
    CHECK(all[i] == Flips{(i & 4) != 0, (i & 2) != 0, (i & 1) != 0});
}

TEST_CASE("flips are read as letters or as those of training") {
  CHECK(options_of("none").flips == Flips{});
  CHECK_FALSE(options_of("none").flips_as_trained);
  CHECK(options_of("wd").flips == Flips{true, false, true});
  CHECK_FALSE(options_of("wd").flips_as_trained);
  CHECK(letters_of(options_of("whd").flips) == "dhw");
  CHECK(options_of("flips").flips == Flips{});
  CHECK(options_of("flips").flips_as_trained);
  for (const std::string bad : {"", "x", "dd", "dhwd", "D", "d,h"}) {
    CAPTURE(bad);
    CHECK(test::error_of([&] { options_of(bad); }) ==
          "2: --tta: expected none, flips, or different letters of d, h, w, found '" + bad + "'");
  }
}

TEST_CASE("only along axes that are mirrored do both sides of a window spoil as much") {
  ReceptiveField field;
  field.axes.fill({5, 1, 1});
  TileOptions options = options_of("h");
  options.overlap.reset();
  const Tiling tiling(options, {20, 20, 20}, field, false);
  CHECK(tiling.images().size() == 2);
  const WindowGrid grid = tiling.grid({34, 30, 34});
  CHECK(grid.axes[0].smallest_overlap() == 6);
  CHECK(grid.axes[1].smallest_overlap() == 10);
  CHECK(grid.axes[2].smallest_overlap() == 6);
}

}  // namespace lucid
