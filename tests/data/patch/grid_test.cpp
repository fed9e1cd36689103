#include "data/patch/grid.h"

#include <doctest/doctest.h>

#include <set>

using namespace lucid;

namespace {

struct Row {
  const char* name;
  Box region;
  Triple size, stride;
  std::size_t count;
};

const Row kRows[] = {
    {"whole windows", {{0, 0, 0}, {8, 4, 4}}, {4, 4, 4}, {4, 4, 4}, 2},
    {"an odd rest", {{0, 0, 0}, {9, 5, 4}}, {4, 4, 4}, {4, 4, 4}, 6},
    {"overlaps", {{0, 0, 0}, {10, 4, 4}}, {4, 4, 4}, {3, 4, 4}, 3},
    {"a region within", {{3, 1, 2}, {9, 7, 5}}, {4, 3, 5}, {2, 3, 1}, 12},
    {"smaller than the window", {{5, 0, 0}, {3, 6, 4}}, {6, 4, 7}, {6, 4, 7}, 2},
};

void check_tiling(const PatchGrid& grid, const Box& region) {
  std::multiset<Triple> counted;
  for (std::size_t i = 0; i < grid.count(); ++i) {
    const Box own = grid.own(i), window = grid.window(i);
    CHECK(overlap(own, window) == own);
    for (std::int64_t d = own.begin[0]; d < own.end(0); ++d)
      for (std::int64_t h = own.begin[1]; h < own.end(1); ++h)
        for (std::int64_t w = own.begin[2]; w < own.end(2); ++w) counted.insert({d, h, w});
  }
  const std::set<Triple> voxels(counted.begin(), counted.end());
  CHECK(std::ssize(counted) == region.voxels());
  CHECK(voxels.size() == counted.size());
  CHECK(*voxels.begin() == region.begin);
  CHECK(*voxels.rbegin() == Triple{region.end(0) - 1, region.end(1) - 1, region.end(2) - 1});
}

}  // namespace

TEST_CASE("a grid's windows cover the region, each voxel being one window's own") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    const PatchGrid grid(row.region, row.size, row.stride);
    CHECK(grid.count() == row.count);
    for (std::size_t i = 0; i < grid.count(); ++i) {
      CHECK(grid.window(i).size == row.size);
      for (std::size_t axis = 0; axis < 3; ++axis)
        if (row.region.size[axis] >= row.size[axis]) {
          CHECK(grid.window(i).begin[axis] >= row.region.begin[axis]);
          CHECK(grid.window(i).end(axis) <= row.region.end(axis));
        }
    }
    check_tiling(grid, row.region);
  }
}

TEST_CASE("a grid's windows are spaced evenly") {
  const PatchGrid grid({{0, 0, 0}, {4, 4, 11}}, {4, 4, 4}, {4, 4, 4});
  REQUIRE(grid.count() == 3);
  CHECK(grid.window(0).begin[2] == 0);
  CHECK(grid.window(1).begin[2] == 4);
  CHECK(grid.window(2).begin[2] == 7);
  CHECK(grid.own(1) == Box{{0, 0, 4}, {4, 4, 3}});
}

TEST_CASE("a window over a smaller region has it in its middle") {
  const PatchGrid grid({{2, 0, 0}, {3, 4, 5}}, {6, 4, 4}, {6, 4, 4});
  CHECK(grid.window(0).begin == Triple{1, 0, 0});
  CHECK(grid.own(0).begin[0] == 2);
  CHECK(grid.own(0).size[0] == 3);
}

TEST_CASE("boxes that are walked make up the whole, cut at multiples of the edge") {
  const Box whole{{3, 5, 1}, {20, 19, 7}};
  for (const std::int64_t voxels : {0, 300, 100000}) {
    std::int64_t sum = 0;
    walk_boxes(whole, 8, voxels, [&](const Box& part) {
      sum += part.voxels();
      CHECK(overlap(part, whole) == part);
      for (const std::size_t axis : {0U, 1U})
        CHECK((part.end(axis) % 8 == 0 || part.end(axis) == whole.end(axis)));
      CHECK(part.voxels() <= std::max<std::int64_t>(voxels, 8 * 8 * 7));
    });
    CHECK(sum == whole.voxels());
  }
}
