#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/hdf5/write.h"
#include "formats/open/open_volume.h"

namespace lucid {

struct ImportOptions {
  std::vector<std::string> inputs, labels;  // files, globs, folders
  std::string raw_name = "raw", label_name = "label";
  bool are_channels_numbered = true;  // NAME_0001 is a channel of NAME
  bool are_archives_volumes = false;  // a .npz holds one volume, not sets
  bool is_stacked = false;            // one dataset (n, c, d, h, w), not a group per case
  int deflate = 4;                    // 0: not compressed
  int threads = 1;                    // for compression
  RawLayout layout;                   // for files without a header
};

// Counts what was written. An array of a .npz with N samples is N volumes or labels if it belongs
// to a set, otherwise an array.
struct ImportResult {
  std::size_t volumes = 0, labels = 0, arrays = 0;
  std::vector<std::string> warnings;  // one line each
};

// Returns every file that import_volumes() reads.
std::vector<std::filesystem::path> files_to_import(const ImportOptions& options);

// Receives the name of the case being read and the fraction of the import that is done, 0 to 1.
using ImportReport = std::function<void(const std::string& name, double share)>;

// Writes volumes and labels of other formats to an HDF5 file: NAME/raw and NAME/label with
// attributes for axes, source, voxel size and affine. Arrays of a .npz keep their names; those of
// MedMNIST become train/raw, train/label and so on. Throws Error(kData), Error(kUsage).
ImportResult import_volumes(const ImportOptions& options, hdf5::Writer& output,
                            const ImportReport& report);

}  // namespace lucid
