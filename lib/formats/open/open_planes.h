#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/volumes/plane_source.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// Which array of a file is meant, and its axes, where the file does not say that.
struct ArrayChoice {
  std::string name{};  // of an archive of several
  std::string axes{};  // letters; left aside if they are not as many as the array's
};

// Returns the names of the arrays of an archive (.npz); of another file an empty one.
std::vector<std::string> arrays_in(const std::filesystem::path& path);

// Opens a volume, of an archive the array of the name, as it is stored: without axes if the file
// does not say them. Throws as open_chosen().
VolumeFile open_array(const std::filesystem::path& path, const std::string& name);

// Opens a volume of any format with a header to be read from front to back. Throws Error(kUsage)
// for a file without, and for an archive of several arrays none of which has the name.
VolumeFile open_chosen(const std::filesystem::path& path, const ArrayChoice& choice);

// A volume that is read plane by plane, straight from its file, and what its header says.
struct OpenPlanes {
  std::shared_ptr<const PlaneSource> source;
  VolumeHeader header;
};
OpenPlanes open_planes(const std::filesystem::path& path, const ArrayChoice& choice);

}  // namespace lucid
