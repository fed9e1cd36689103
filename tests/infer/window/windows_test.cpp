#include "infer/window/windows.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "data/array/box.h"

namespace lucid {
namespace {

using Starts = std::vector<std::int64_t>;

struct Row {
  const char* name;
  std::int64_t extent;
  WindowSpacing spacing;
  std::int64_t before, extended;
  Starts starts;
};

const std::vector<Row> kRows = {
    {"one window fits", 64, {64, 8, 32}, 0, 64, {0}},
    {"half of each is shared", 128, {64, 8, 32}, 0, 128, {0, 32, 64}},
    {"nothing is shared", 128, {64, 8, 0}, 0, 128, {0, 64}},
    {"evenly spaced, not left over", 136, {64, 1, 16}, 0, 136, {0, 36, 72}},
    {"aligned to the stride", 144, {64, 8, 16}, 0, 144, {0, 40, 80}},
    {"a volume that is no multiple goes on in the mirror", 125, {64, 8, 32}, 1, 128, {0, 32, 64}},
    {"a small volume is mirrored on both sides", 35, {64, 8, 32}, 14, 64, {0}},
    {"a volume that holds a window is not extended", 125, {64, 8, 32, true}, 0, 125, {0, 30, 61}},
    {"aligned where that fits", 144, {64, 8, 16, true}, 0, 144, {0, 40, 80}},
    {"a small volume is extended in any case", 35, {64, 8, 32, true}, 14, 64, {0}},
    {"one voxel", 1, {4, 4, 2}, 1, 4, {0}},
    {"the window is no multiple of the stride", 30, {10, 4, 5}, 0, 30, {0, 4, 8, 12, 16, 20}},
    {"an overlap that leaves less than a stride", 24, {16, 8, 15}, 0, 24, {0, 8}},
    {"three in an uneven number of strides", 13, {8, 1, 5}, 0, 13, {0, 2, 5}},
};

}  // namespace

TEST_CASE("windows are aligned, evenly spaced, and flush with both ends") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    const AxisWindows found = place_windows(row.extent, row.spacing);
    CHECK(found.before == row.before);
    CHECK(found.extended == row.extended);
    CHECK(found.starts == row.starts);
    CHECK(found.begin(0) == -row.before);
  }
}

TEST_CASE("whatever the sizes, windows cover the volume and overlap by what was asked for") {
  for (std::int64_t extent = 1; extent < 70; ++extent)
    for (const std::int64_t stride : {1, 2, 3, 8})
      for (const std::int64_t window : {2 * stride, 16 * stride})
        for (const bool stays_inside : {false, true})
          for (const std::int64_t overlap : {std::int64_t{0}, window / 2, window - stride}) {
            const AxisWindows found =
                place_windows(extent, {window, stride, overlap, stays_inside});
            CAPTURE(extent);
            CAPTURE(stride);
            CAPTURE(window);
            CAPTURE(overlap);
            REQUIRE(found.starts.front() == 0);
            REQUIRE(found.starts.back() + window == found.extended);
            REQUIRE(found.extended - extent < std::max(stride, window - extent + 1));
            REQUIRE((found.count() == 1 || found.smallest_overlap() >= overlap));
            const bool is_extended = found.extended > extent;
            REQUIRE((!stays_inside || !is_extended || extent < window));
            for (const std::int64_t start : found.starts)
              REQUIRE((start % stride == 0 || (stays_inside && !is_extended)));
          }
}

TEST_CASE("a mirror repeats no outermost voxel, however far one looks") {
  Starts found;
  for (std::int64_t at = -5; at < 8; ++at) found.push_back(mirrored(at, 3));
  CHECK(found == Starts{1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1});
  CHECK(mirrored(-7, 1) == 0);
}

}  // namespace lucid
