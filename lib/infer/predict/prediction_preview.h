#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace lucid {

// Draws the first volume that a file of predictions was made from, and what was predicted: the
// classes of its voxels over it, or its values in the title. Throws Error(kFailed) where the
// picture cannot be written.
void write_prediction_preview(const std::filesystem::path& predictions,
                              const std::optional<std::string>& input_axes,
                              const std::filesystem::path& png);

}  // namespace lucid
