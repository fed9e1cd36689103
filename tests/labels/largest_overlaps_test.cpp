#include "labels/largest_overlaps.h"

#include <doctest/doctest.h>

#include "labels/made_labels.h"

namespace lucid::test {
namespace {

using Volume = std::vector<Label>;

// Floods voxel after voxel: a mask of the largest component of the voxels that `belongs` names.
template <class Belongs>
std::vector<bool> largest_of(const Triple& size, int reach, const Belongs& belongs) {
  const auto at = [&](std::int64_t d, std::int64_t h, std::int64_t w) {
    return static_cast<std::size_t>((d * size[1] + h) * size[2] + w);
  };
  std::vector<bool> seen(at(size[0], 0, 0)), largest(seen.size());
  std::size_t most = 0;
  for (std::size_t first = 0; first < seen.size(); ++first) {
    if (seen[first] || !belongs(first)) continue;
    std::vector<std::size_t> found{first};
    seen[first] = true;
    for (std::size_t next = 0; next < found.size(); ++next) {
      const auto w = static_cast<std::int64_t>(found[next]) % size[2],
                 h = static_cast<std::int64_t>(found[next]) / size[2] % size[1],
                 d = static_cast<std::int64_t>(found[next]) / size[2] / size[1];
      for (std::int64_t i = std::max<std::int64_t>(d - 1, 0); i <= std::min(d + 1, size[0] - 1);
           ++i)
        for (std::int64_t j = std::max<std::int64_t>(h - 1, 0); j <= std::min(h + 1, size[1] - 1);
             ++j)
          for (std::int64_t k = std::max<std::int64_t>(w - 1, 0); k <= std::min(w + 1, size[2] - 1);
               ++k)
            if (std::abs(i - d) + std::abs(j - h) + std::abs(k - w) <= reach &&
                !seen[at(i, j, k)] && belongs(at(i, j, k))) {
              seen[at(i, j, k)] = true;
              found.push_back(at(i, j, k));
            }
    }
    if (found.size() <= most) continue;
    most = found.size();
    largest.assign(seen.size(), false);
    for (const std::size_t voxel : found) largest[voxel] = true;
  }
  return largest;
}

int reach_of(Connectivity connectivity) {
  return connectivity == Connectivity::kFaces ? 1 : connectivity == Connectivity::kEdges ? 2 : 3;
}

struct Case {
  Triple size;
  Volume predicted, truth;
  std::vector<bool> counts;  // the voxels
};

std::map<Label, LargestOverlaps> found_in(const Case& of, Connectivity connectivity) {
  const auto plane = static_cast<std::size_t>(of.size[1] * of.size[2]);
  std::size_t begin = 0;
  return largest_overlaps(of.size, connectivity, [&](OverlapPlanes& planes) {
    for (std::size_t i = 0; i < plane; ++i) {
      const bool is_counted = of.counts[begin + i];
      planes.predicted[i] = of.predicted[begin + i];
      planes.counted[i] = is_counted ? of.predicted[begin + i] : 0;
      planes.truth[i] = is_counted ? of.truth[begin + i] : 0;
    }
    begin += plane;
  });
}

template <class Left>
void check_left(const Case& of, Label label, const OverlapVoxels& found, const Left& left) {
  std::int64_t predicted = 0, in_both = 0;
  for (std::size_t i = 0; i < of.truth.size(); ++i) {
    if (!of.counts[i] || of.predicted[i] != label || !left(i)) continue;
    ++predicted;
    if (of.truth[i] == label) ++in_both;
  }
  CHECK(found.predicted == predicted);
  CHECK(found.in_both == in_both);
}

Case random_case(std::uint64_t seed) {
  const Triple size{static_cast<std::int64_t>(1 + seed % 7), 9, 11};
  const auto row = [&](std::uint64_t of) {
    return Json{{"extents", size}, {"seed", of}, {"noise", 3}, {"classes", 3}, {"cell", 3}};
  };
  Case made{size, made_labels(row(seed)).labels(), made_labels(row(seed + 500)).labels(), {}};
  for (std::size_t i = 0; i < made.truth.size(); ++i)
    made.counts.push_back(mixed(seed * 7919 + i) % 5 != 0);
  return made;
}

}  // namespace

TEST_CASE("largest components overlap the truth as in a flood of each voxel") {
  for (std::uint64_t seed = 0; seed < 30; ++seed)
    for (const auto connectivity :
         {Connectivity::kFaces, Connectivity::kEdges, Connectivity::kCorners}) {
      CAPTURE(seed);
      const Case of = random_case(seed);
      const auto found = found_in(of, connectivity);
      CHECK(found.size() == 3);
      const int reach = reach_of(connectivity);
      const auto foreground =
          largest_of(of.size, reach, [&](std::size_t i) { return of.predicted[i] != 0; });
      for (const auto& of_label : found) {
        const Label label = of_label.first;
        const LargestOverlaps& overlaps = of_label.second;
        const auto largest =
            largest_of(of.size, reach, [&](std::size_t i) { return of.predicted[i] == label; });
        const auto within = largest_of(of.size, reach, [&](std::size_t i) {
          return of.predicted[i] == label && foreground[i];
        });
        std::int64_t in_truth = 0;
        for (std::size_t i = 0; i < of.truth.size(); ++i)
          if (of.counts[i] && of.truth[i] == label) ++in_truth;
        CHECK(overlaps.in_truth == in_truth);
        check_left(of, label, overlaps.all, [](std::size_t) { return true; });
        check_left(of, label, overlaps.largest, [&](std::size_t i) { return largest[i]; });
        check_left(of, label, overlaps.in_foreground, [&](std::size_t i) { return foreground[i]; });
        check_left(of, label, overlaps.largest_in_foreground,
                   [&](std::size_t i) { return within[i]; });
      }
    }
}

TEST_CASE("what does not count joins components, and a label that never counts is none") {
  // The middle of the 1 does not count, so that its right half is larger than the 1 at the end.
  const Case of{{1, 1, 10},
                {1, 1, 1, 1, 0, 1, 1, 0, 2, 0},
                {0, 1, 1, 1, 0, 1, 1, 0, 0, 3},
                {true, false, false, true, true, true, true, true, false, true}};
  const auto found = found_in(of, Connectivity::kCorners);
  REQUIRE(found.size() == 2);
  CHECK(found.at(1).in_truth == 3);
  CHECK(found.at(1).all.predicted == 4);
  CHECK(found.at(1).largest.predicted == 2);
  CHECK(found.at(1).largest.in_both == 1);
  CHECK(found.at(3).in_truth == 1);
  CHECK(found.at(3).largest.predicted == 0);
}

TEST_CASE("of equally large components that overlap the first is kept") {
  const Case of{{1, 1, 5}, {1, 0, 1, 0, 2}, {0, 0, 1, 0, 2}, std::vector<bool>(5, true)};
  const auto found = found_in(of, Connectivity::kCorners);
  CHECK(found.at(1).largest.in_both == 0);
  CHECK(found.at(2).in_foreground.predicted == 0);
}

}  // namespace lucid::test
