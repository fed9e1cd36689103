#pragma once
// Private to this room.

#include <functional>
#include <string>
#include <vector>

#include "data/chunks/writer.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// One dataset made of the volumes of one or more files, all of one shape.
struct ImportedDataset {
  std::string path;
  std::vector<std::function<VolumeFile()>> parts;  // opened one at a time; labels maybe twice
  std::vector<std::int64_t> lead;  // leading axes; their product is the number of parts
  std::string lead_axes;           // "n", "nc", "c" or empty
  bool are_labels = false;         // stored in the smallest integer type
  int deflate = 4, threads = 1;
};

// Receives the fraction of the dataset that is written, 0 to 1.
using ImportProgress = std::function<void(double share)>;

// Writes slab by slab, so that memory does not grow with the volumes. Adds what is left out of a
// file to the warnings. Throws Error(kData) if parts differ in shape or labels are not integers.
void import_dataset(hdf5::Writer& file, const ImportedDataset& dataset,
                    std::vector<std::string>& warnings, const ImportProgress& progress);

}  // namespace lucid
