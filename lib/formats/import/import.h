#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/hdf5/write.h"
#include "formats/readers/open_volume.h"

namespace lucid {

struct ImportOptions {
  std::vector<std::string> inputs, labels;  // files, globs, folders
  std::string raw_name = "raw", label_name = "label";
  bool is_stacked = false;  // one dataset (n, c, d, h, w) instead of a group a case
  int deflate = 4;          // 0: not compressed
  int threads = 1;          // that compress
  RawLayout layout;         // of files that say nothing themselves
};

struct ImportResult {
  std::size_t volumes = 0, labels = 0;
  std::vector<std::string> warnings;  // one line each
};

// Told which of how many cases is read, and how much of all is done, 0 to 1.
using ImportReport = std::function<void(const std::string& name, double share)>;

// Writes the volumes and labels of other formats into an HDF5 file: NAME/raw and NAME/label, with
// axes, source, voxel size, affine as attributes; of a .npz its arrays under their own names, of
// MedMNIST's train/raw, train/label and so on. Throws Error(kData), Error(kUsage).
ImportResult import_volumes(const ImportOptions& options, hdf5::Writer& output,
                            const ImportReport& report);

}  // namespace lucid
