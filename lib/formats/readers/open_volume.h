#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// What a file without a header holds.
struct RawLayout {
  std::vector<std::int64_t> shape;  // outermost first; empty: not said
  std::string type;                 // "uint8", "int16", ..., "float32"
  std::string axes;                 // letters; empty: the default by rank
  bool is_big_endian = false;
  std::uint64_t skip_bytes = 0;
};

// ".nii", ".nii.gz", ".nrrd", ".nhdr", ".npy", ".raw", ... ; empty where a name has none of them.
std::string volume_extension(const std::filesystem::path& path);
// The name without folder and extension: "case1" of "a/case1.nii.gz".
std::string case_name(const std::filesystem::path& path);

// By the extension. Its axes are known: those of the layout, else what the file says, else the
// default by rank. Throws Error(kUsage) where the name tells no format.
VolumeFile open_volume(const std::filesystem::path& path, const RawLayout& layout);

// Letters for an array of the shape, as asked for or by default. Throws Error(kUsage).
std::string axes_of_array(const std::vector<std::int64_t>& extents, const std::string& asked,
                          const std::string& place);

}  // namespace lucid
