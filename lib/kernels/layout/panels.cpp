#include "kernels/layout/panels.h"

namespace lucid {
namespace {

// Long enough that a row's loop is worth starting, and that sums over rows do not wait for each
// other.
constexpr std::int64_t kShortestRow = 128;
constexpr std::int64_t kRowsOfPiece = 512;  // 256 KiB and more

}  // namespace

Pieces::Pieces(const Panels& panels)
    : panels_(panels),
      voxels_of_row_(panels.is_dense() ? (kShortestRow + panels.width - 1) / panels.width : 1),
      voxels_of_piece_(kRowsOfPiece * voxels_of_row_),
      per_panel_((panels.voxels + voxels_of_piece_ - 1) / voxels_of_piece_) {}

Piece Pieces::at(std::int64_t index) const {
  Piece piece;
  piece.part = index % per_panel_;
  piece.panel = index / per_panel_ % panels_.per_sample();
  piece.sample = index / per_panel_ / panels_.per_sample();
  piece.first_voxel = piece.part * voxels_of_piece_;
  piece.voxels = std::min(voxels_of_piece_, panels_.voxels - piece.first_voxel);
  piece.offset = panels_.offset(piece.sample, piece.panel) + piece.first_voxel * panels_.step;
  piece.lanes = panels_.lanes(piece.panel);
  piece.voxels_of_row = voxels_of_row_;
  const std::int64_t rows = (piece.voxels + voxels_of_row_ - 1) / voxels_of_row_;
  const std::int64_t voxels_of_last = piece.voxels - (rows - 1) * voxels_of_row_;
  piece.rows = {.count = rows,
                .length = voxels_of_row_ * piece.lanes,
                .step = voxels_of_row_ * panels_.step,
                .last_length = voxels_of_last * piece.lanes};
  return piece;
}

}  // namespace lucid
