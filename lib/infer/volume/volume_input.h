#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/volumes/volume_stacks.h"
#include "formats/readers/geometry.h"

namespace lucid {

// True for the name of a volume in another format than HDF5.
bool is_volume_file(const std::filesystem::path& path);

// Expands as expand_files() does; a folder without HDF5 files stands for the volumes in it.
std::vector<std::filesystem::path> expand_inputs(const std::vector<std::string>& inputs);

// Opens a volume to be read plane by plane, straight from its file. Its axes are those of the file,
// else those of the config, else the usual ones. What its header says and is not used goes to
// `warnings`. Throws Error(kData), and Error(kUsage) for what only HDF5 files hold.
VolumeStacks open_volume_stacks(const std::filesystem::path& path, const VolumesConfig& config,
                                std::vector<std::string>& warnings);

// The geometry of a volume in any format; none if the file says nothing of it.
std::optional<Geometry> geometry_of(const Stack& stack);

}  // namespace lucid
