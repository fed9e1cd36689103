#pragma once
// Private to this room.

#include "infer/predict/calibration.h"
#include "infer/tiled/tile_setup.h"

namespace lucid {

// Cuts windows out of the volumes of the calibration, spread evenly over all that a prediction of
// them would compute. Throws Error like infer().
CalibrationSet read_calibration_windows(const InferOptions& options, const TileSetup& setup);

}  // namespace lucid
