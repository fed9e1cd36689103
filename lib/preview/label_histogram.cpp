#include "preview/label_histogram.h"

#include <algorithm>
#include <numeric>

namespace lucid {
namespace {

// A multiple of the usual chunks; at most 4 Mi voxels.
constexpr std::array<std::int64_t, 3> kBox{64, 256, 256};

void add_box(const SlicedVolume& volume, const SlicedVolume::Triple& start,
             const SlicedVolume::Triple& count, SliceHistogram& histogram) {
  const std::vector<std::int64_t> labels = volume.read_labels(start, count);
  std::size_t i = 0;
  std::int64_t last = 0, run = 0;  // labels come in runs: the map is accessed once per run
  for (std::int64_t d = 0; d < count[0]; ++d)
    for (std::int64_t h = 0; h < count[1]; ++h)
      for (std::int64_t w = 0; w < count[2]; ++w, ++i) {
        if (labels[i] != last && run > 0) histogram.voxels[last] += std::exchange(run, 0);
        last = labels[i];
        ++run;
        if (last <= 0) continue;
        ++histogram.labelled[0][static_cast<std::size_t>(start[0] + d)];
        ++histogram.labelled[1][static_cast<std::size_t>(start[1] + h)];
        ++histogram.labelled[2][static_cast<std::size_t>(start[2] + w)];
      }
  if (run > 0) histogram.voxels[last] += run;
}

}  // namespace

SliceHistogram count_labels(const SlicedVolume& volume, const std::function<void(double)>& tell) {
  SliceHistogram histogram;
  const auto& extents = volume.extents();
  for (std::size_t axis = 0; axis < 3; ++axis)
    histogram.labelled[axis].assign(static_cast<std::size_t>(extents[axis]), 0);
  const std::array<std::int64_t, 3> box =
      volume.is_read_by_planes() ? std::array<std::int64_t, 3>{1, extents[1], extents[2]} : kBox;
  for (std::int64_t d = 0; d < extents[0]; d += box[0]) {
    tell(static_cast<double>(d) / static_cast<double>(extents[0]));
    for (std::int64_t h = 0; h < extents[1]; h += box[1])
      for (std::int64_t w = 0; w < extents[2]; w += box[2])
        add_box(volume, {d, h, w},
                {std::min(box[0], extents[0] - d), std::min(box[1], extents[1] - h),
                 std::min(box[2], extents[2] - w)},
                histogram);
  }
  return histogram;
}

std::vector<std::int64_t> slice_places(const std::vector<std::int64_t>& labelled,
                                       std::int64_t extent, std::int64_t count) {
  const std::int64_t all = std::accumulate(labelled.begin(), labelled.end(), std::int64_t{0});
  std::vector<std::int64_t> places;
  for (std::int64_t i = 1; i <= std::min(count, extent); ++i) {
    std::int64_t place = extent * i / (std::min(count, extent) + 1);
    if (all > 0) {  // the slice that reaches this fraction of the labelled voxels
      const double wanted = static_cast<double>(all) * static_cast<double>(i) /
                            static_cast<double>(std::min(count, extent) + 1);
      double sum = 0;
      place = 0;
      while (sum + static_cast<double>(labelled[static_cast<std::size_t>(place)]) < wanted)
        sum += static_cast<double>(labelled[static_cast<std::size_t>(place++)]);
    }
    if (places.empty() || places.back() != place) places.push_back(place);
  }
  return places;
}

}  // namespace lucid
