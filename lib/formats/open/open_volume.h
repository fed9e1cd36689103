#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"

namespace lucid {

// Describes the content of a file without a header.
struct RawLayout {
  std::vector<std::int64_t> shape;  // slowest axis first; empty: not given
  std::string type;                 // "uint8", "int16", ..., "float32"
  std::string axes;                 // letters; empty: the default by rank
  bool is_big_endian = false;
  std::uint64_t skip_bytes = 0;
};

// Returns ".nii", ".nii.gz", ".nrrd", ".nhdr", ".npy", ".tif", ".raw", ".zarr", ... or an empty
// text. What lies in a folder X.zarr has that of the folder.
std::string volume_extension(const std::filesystem::path& path);
// Returns the name of the format that open_volume() takes a volume for: "NIfTI", "DICOM", "TIFF".
std::string volume_format(const std::filesystem::path& path);
// True for the name of a volume in another format than HDF5, and for a folder, which may be one.
bool is_volume(const std::filesystem::path& path);
// False for the name of a raw file, which a RawLayout has to describe.
bool has_header(const std::filesystem::path& path);
// Returns the name without folder and extension: "case1" of "a/case1.nii.gz".
std::string case_name(const std::filesystem::path& path);

// Chooses the reader by extension. The axes are those of the layout, else of the file, else the
// default by rank. A folder is a volume if it holds the slices of one, an archive of arrays if it
// holds a single one. Throws Error(kUsage) for an unknown extension.
VolumeFile open_volume(const std::filesystem::path& path, const RawLayout& layout);

// The same of a file that says its own shape, as it is stored: without axes if it does not say
// them.
VolumeFile open_stored_volume(const std::filesystem::path& path);

// Returns the files that open_volume() reads: the path itself and, where its format keeps the
// numbers in a file beside it, that file; the slices of a folder.
std::vector<std::filesystem::path> files_of_volume(const std::filesystem::path& path);

// Returns true for NAME.raw beside NAME.mhd or NAME.nhdr: in a folder it is no volume of its own.
bool is_part_of_volume(const std::filesystem::path& path);

// Returns letters for an array of the shape, as requested or by default. Throws Error(kUsage).
std::string axes_of_array(const std::vector<std::int64_t>& extents, const std::string& asked,
                          const std::string& place);

}  // namespace lucid
