#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/unfinished_file.h"

namespace lucid {

// Draws the first predicted volume of a file with its prediction: the classes of its voxels as an
// overlay, or its values in the title. Throws Error(kFailed) if the picture cannot be written.
void write_prediction_preview(const std::filesystem::path& predictions,
                              const std::optional<std::string>& input_axes, const OutputFile& png);

}  // namespace lucid
