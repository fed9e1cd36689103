#pragma once

#include <algorithm>
#include <cstdint>

#include "tensor/parallel.h"

namespace lucid {

// Describes where (N, C, voxels) lies in memory: in panels of `width` neighbouring channels, one
// row a voxel. The width is 1 in plain order, 8 or 16 in blocked ones; channels last has panels of
// all channels, up to kWidest.
struct Panels {
  static constexpr std::int64_t kWidest = 1024;
  std::int64_t samples = 1, channels = 1, voxels = 1;
  std::int64_t width = 1;
  std::int64_t step = 1;  // floats from one voxel to the next: the width, or more

  std::int64_t per_sample() const { return (channels + width - 1) / width; }
  bool is_dense() const { return step == width; }
  // Floats side by side in a panel: the padding of blocked channels counts.
  std::int64_t lanes(std::int64_t panel) const {
    return is_dense() ? width : std::min(width, channels - panel * width);
  }
  std::int64_t offset(std::int64_t sample, std::int64_t panel) const {
    return is_dense() ? (sample * per_sample() + panel) * voxels * width
                      : sample * voxels * step + panel * width;
  }
};

// Rows of `length` floats, the last one shorter. Rows are longer than a panel's width where the
// panel is dense: float i of a row then belongs to lane i % width, and one loop serves all orders.
struct Rows {
  std::int64_t count = 0, length = 0, step = 0, last_length = 0;

  std::int64_t length_of(std::int64_t row) const { return row + 1 < count ? length : last_length; }
};

// A part of one panel that one thread works on. Pieces do not depend on the number of threads.
struct Piece {
  std::int64_t sample = 0, panel = 0, part = 0;
  std::int64_t first_voxel = 0, voxels = 0;
  std::int64_t offset = 0;  // of its first float in the tensor
  std::int64_t lanes = 1, voxels_of_row = 1;
  Rows rows;
};

class Pieces {
 public:
  explicit Pieces(const Panels& panels);

  const Panels& panels() const { return panels_; }
  std::int64_t per_panel() const { return per_panel_; }
  std::int64_t count() const { return panels_.samples * panels_.per_sample() * per_panel_; }
  std::int64_t index(std::int64_t sample, std::int64_t panel, std::int64_t part) const {
    return (sample * panels_.per_sample() + panel) * per_panel_ + part;
  }
  Piece at(std::int64_t index) const;

 private:
  Panels panels_;
  std::int64_t voxels_of_row_, voxels_of_piece_, per_panel_;
};

// Calls body(piece) for every piece, across threads.
template <class Body>
void for_each_piece(const Pieces& pieces, const Body& body) {
  parallel_for(pieces.count(), [&](std::int64_t i) { body(pieces.at(i)); });
}

}  // namespace lucid
