#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/hdf5/chunk_writer.h"
#include "formats/readers/volume_file.h"

namespace lucid {

// One dataset made of the volumes of one or several files, all of one shape.
struct ImportedDataset {
  std::string path;
  std::vector<std::function<VolumeFile()>> parts;  // opened one at a time, labels perhaps twice
  std::vector<std::int64_t> lead;                  // axes in front: their product is the parts'
  std::string lead_axes;                           // "n", "nc", "c", or none
  bool are_labels = false;                         // stored as the smallest integers
  int deflate = 4, threads = 1;
};

// Told how much of the dataset, 0 to 1, is written.
using ImportProgress = std::function<void(double share)>;

// Writes part by part, a part slab by slab: the memory it takes does not grow with the volumes.
// Throws Error(kData) where parts differ in shape, or labels are no integers.
void import_dataset(hdf5::Writer& file, const ImportedDataset& dataset,
                    const ImportProgress& progress);

}  // namespace lucid
