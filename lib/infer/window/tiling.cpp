#include "infer/window/tiling.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace lucid {

Tiling::Tiling(const TileOptions& options, const Triple& window, const ReceptiveField& field,
               bool stays_inside)
    : overlap_(options.overlap),
      blend_(options.blend),
      images_(mirror_images(options.flips)),
      window_(window),
      field_(field),
      stays_inside_(stays_inside) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const AxisField& of = field.axes[axis];
    const std::int64_t both = std::max(of.before, of.behind);  // flips exchange both sides
    spoilt_[axis] =
        options.flips[axis] ? SpoiltBorder{both, both} : SpoiltBorder{of.before, of.behind};
  }
}

// The receptive field never makes windows overlap by more than three quarters.
WindowSpacing Tiling::spacing(std::size_t axis) const {
  constexpr double kMost = 0.75, kUnlimited = 0.5;
  const auto window = static_cast<double>(window_[axis]);
  double share = overlap_.value_or(kUnlimited);
  if (!overlap_ && field_.is_limited())
    share = std::min(kMost, static_cast<double>(spoilt_[axis].both()) / window);
  const auto shared = static_cast<std::int64_t>(std::ceil(share * window - 1e-9));
  return {window_[axis], field_.axes[axis].stride,
          std::clamp<std::int64_t>(shared, 0, window_[axis] - 1), stays_inside_};
}

WindowGrid Tiling::grid(const Triple& volume) const {
  WindowGrid grid;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    grid.axes[axis] = place_windows(volume[axis], spacing(axis));
    std::optional<SpoiltBorder> spoilt;
    if (field_.is_limited()) spoilt = spoilt_[axis];
    grid.weights[axis] = blend_weights(grid.axes[axis], blend_, spoilt);
  }
  return grid;
}

std::string Tiling::warning(const WindowGrid& grid) const {
  const bool is_cut =
      std::ranges::any_of(grid.axes, [](const AxisWindows& axis) { return axis.count() > 1; });
  if (!field_.is_limited() && is_cut)
    return "--overlap: layer " + field_.unlimited +
           " sees all of the window that it is given: predictions differ from those of the whole "
           "volume whatever the overlap";
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (std::string found = warning(grid.axes[axis], axis); !found.empty()) return found;
  return "";
}

std::string Tiling::warning(const AxisWindows& windows, std::size_t axis) const {
  const std::int64_t needed = spoilt_[axis].both(), window = windows.window;
  if (windows.count() == 1 || windows.smallest_overlap() >= needed) return "";
  const std::string found = "--overlap: the network's receptive field is " +
                            std::to_string(needed + 1) + " voxels along " + "dhw"[axis] +
                            ", and windows of " + std::to_string(window) + " share " +
                            std::to_string(windows.smallest_overlap()) + ": seams may show; ";
  if (needed + field_.axes[axis].stride > window)
    return found + "a --patch of " + std::to_string(2 * needed) + " or more would do";
  const double share = std::ceil(100.0 * static_cast<double>(needed) / static_cast<double>(window));
  return found + fixed_text(share / 100, 2) + " would do";
}

SlabSchedule::SlabSchedule(const WindowGrid& grid, const OutputGrid& output,
                           std::int64_t chunk_planes) {
  const AxisWindows& axis = grid.axes[0];
  const std::size_t count = axis.starts.size();
  const auto in_volume = [&](std::size_t i, std::int64_t at) {
    return std::clamp<std::int64_t>(axis.begin(i) + at, 0, axis.extent);
  };
  std::int64_t touched = 0;
  for (std::size_t i = 0; i < count; ++i) {
    touched = std::max(touched, in_volume(i, grid.weights[0][i].end));
    touched_.push_back(touched);
    std::int64_t finished = axis.extent;
    for (std::size_t later = i + 1; later < count; ++later)
      finished = std::min(finished, in_volume(later, grid.weights[0][later].begin));
    written_.push_back(i + 1 == count ? output.extents()[0]
                                      : output.ready(finished) / chunk_planes * chunk_planes);
    kept_.push_back(output.first_seen(written_.back()));
  }
}

std::size_t SlabSchedule::first_touching(std::size_t depth) const {
  std::size_t first = 0;
  while (first < depth && touched_[first] <= kept(depth)) ++first;
  return first;
}

std::int64_t SlabSchedule::most_planes() const {
  std::int64_t most = 0;
  for (std::size_t i = 0; i < depths(); ++i) most = std::max(most, touched_[i] - kept(i));
  return most;
}

}  // namespace lucid
