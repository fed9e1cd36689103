#pragma once

#include <algorithm>

#include "graph/receptive_field.h"
#include "infer/window/output_grid.h"
#include "infer/window/slab_sums.h"
#include "infer/window/tile_options.h"

namespace lucid {

// Cuts every volume of a run into windows of one size.
class Tiling {
 public:
  // `stays_inside`: as of WindowSpacing, for a network that has seen patches within volumes only.
  Tiling(const TileOptions& options, const Triple& window, const ReceptiveField& field,
         bool stays_inside);

  const Triple& window() const { return window_; }
  WindowGrid grid(const Triple& volume) const;
  // The mirror images of a window that are predicted, itself among them.
  const std::vector<Flips>& images() const { return images_; }

  // Returns a warning if the overlap is too small for the receptive field, and which overlap would
  // suffice; empty if windows show no seams.
  std::string warning(const WindowGrid& grid) const;

 private:
  WindowSpacing spacing(std::size_t axis) const;
  std::string warning(const AxisWindows& windows, std::size_t axis) const;

  std::optional<double> overlap_;
  Blend blend_;
  std::vector<Flips> images_;
  Triple window_;
  ReceptiveField field_;
  bool stays_inside_;
  std::array<SpoiltBorder, 3> spoilt_;
};

// Tells which planes of an output are final after each depth index of windows, in whole chunks.
class SlabSchedule {
 public:
  SlabSchedule(const WindowGrid& grid, const OutputGrid& output, std::int64_t chunk_planes);

  std::size_t depths() const { return written_.size(); }
  // The planes that are written once all windows of this depth index are added up.
  std::int64_t begin(std::size_t depth) const { return depth == 0 ? 0 : written_[depth - 1]; }
  std::int64_t end(std::size_t depth) const { return written_[depth]; }
  // The first of the network's planes whose sums this depth index starts from, as planes of the
  // output that are not written are made of it.
  std::int64_t kept(std::size_t depth) const { return depth == 0 ? 0 : kept_[depth - 1]; }
  // The end of the network's planes that windows up to this depth index touch.
  std::int64_t touched_end(std::size_t depth) const { return touched_[depth]; }
  // How many of the network's planes have sums after this depth index that the next starts from.
  std::int64_t left(std::size_t depth) const {
    return std::max<std::int64_t>(0, touched_[depth] - kept_[depth]);
  }
  // The first depth index whose windows touch planes of this one; itself if none before it does.
  std::size_t first_touching(std::size_t depth) const;
  std::int64_t most_planes() const;  // the largest number of planes that hold sums at a time

 private:
  std::vector<std::int64_t> written_, kept_, touched_;
};

}  // namespace lucid
