#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/array/ranges.h"
#include "data/chunks/cache.h"
#include "data/volumes/dataset.h"
#include "data/volumes/label_merges.h"

namespace lucid {

// One of data.train and data.validation in the experiment file.
struct VolumesConfig {
  std::vector<std::string> files;  // paths, globs, folders
  std::string input;               // dataset path; may hold one *
  std::string target;              // empty for inference
  std::string axes;                // letters of n c d h w (z y x); empty: the default by rank
  std::vector<std::string> other_inputs{};  // datasets with further channels
  std::string mask{};                // dataset, nonzero where the volume is valid; may be empty
  std::vector<std::string> cases{};  // names of those that are used; empty: all
  LabelMerges merges{};              // of integer targets
  std::optional<Ranges> roi{};       // restricts every volume to a part
  std::vector<std::string> repeated_files{};  // "KEY: ", a sentence on each that was left out
  bool are_scans = false;                     // images of other formats than HDF5, to be imported
  std::vector<std::string> labels{};          // of scans: paths, globs, folders
  // What an error advises where the axes are not known.
  std::string axes_remedy = "set \"axes\" to \"ndhw\" or \"cdhw\"";
};

// Tells whether a set is of scans, by its "files" and by whether it has "labels".
using AreScans = std::function<bool(const std::vector<std::string>& files, bool has_labels)>;

// Without `are_scans` a set with "labels" is of scans.
VolumesConfig read_volumes_config(JsonObject&, const AreScans& are_scans = nullptr);

// Expands globs and folders, sorted within each entry; relative paths start at `base`. Throws
// Error(kUsage) with the entry's name if nothing matches or a listed file does not exist.
std::vector<std::filesystem::path> expand_files(const std::vector<std::string>& files,
                                                const std::filesystem::path& base);

// Removes files that are there already, under the same or another name; returns a sentence about
// each.
std::vector<std::string> remove_repeated(std::vector<std::filesystem::path>& files);

// The origin of a run of consecutive samples.
struct VolumeSource {
  std::filesystem::path file;
  std::string dataset;  // without leading "/"
  std::size_t samples;
};

class Volumes : public Dataset {
 public:
  virtual const std::vector<VolumeSource>& sources() const = 0;  // in the order of the samples
};

// Makes samples of the volumes of HDF5 files. Opens every file once and checks ranks, axes, types,
// shapes and pairing without reading voxels. Keeps the stored bytes in memory if all of them fit
// `cache_bytes`, else reads samples on demand, through `cache` if it is given. Throws Error(kData).
std::unique_ptr<Volumes> open_volumes(const VolumesConfig&,
                                      const std::vector<std::filesystem::path>& files,
                                      std::size_t cache_bytes, ChunkCache* cache = nullptr);

}  // namespace lucid
