#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/array/ranges.h"
#include "data/hdf5/chunk_cache.h"
#include "data/volumes/dataset.h"

namespace lucid {

// One of data.train, data.validation, as the experiment file has it.
struct VolumesConfig {
  std::vector<std::string> files;  // paths, globs, folders
  std::string input;               // dataset path; may hold one *
  std::string target;              // empty: none wanted (inference)
  std::string axes;                // letters of n c d h w (z y x); empty: the default by rank
  std::vector<std::string> other_inputs{};  // datasets beside `input`: further channels
  std::string mask{};                       // dataset, nonzero where the volume is valid; or empty
  std::optional<Ranges> roi{};              // the part of every volume that is used
};

VolumesConfig read_volumes_config(JsonObject&);

// Globs and folders expanded and sorted within each entry, relative paths taken from `base`. Throws
// Error(kUsage) naming the entry when nothing matches or a listed file does not exist.
std::vector<std::filesystem::path> expand_files(const std::vector<std::string>& files,
                                                const std::filesystem::path& base);

// Where a run of consecutive samples comes from.
struct VolumeSource {
  std::filesystem::path file;
  std::string dataset;  // without leading "/"
  std::size_t samples;
};

class Volumes : public Dataset {
 public:
  virtual const std::vector<VolumeSource>& sources() const = 0;  // in the order of the samples
};

// Volumes of HDF5 files as samples. Opens every file once, checks ranks, axes, types, shapes and
// pairing, reads no voxel. Keeps the stored bytes in memory when all of them fit `cache_bytes`,
// else reads samples when asked, through `cache` where there is one. Throws Error(kData).
std::unique_ptr<Volumes> open_volumes(const VolumesConfig&,
                                      const std::vector<std::filesystem::path>& files,
                                      std::size_t cache_bytes, ChunkCache* cache = nullptr);

}  // namespace lucid
