#pragma once

#include "data/hdf5/write.h"
#include "formats/import/dataset.h"
#include "formats/import/import.h"

namespace lucid {

// Every array of an archive under its own name within the group ("" or "name/"), as it is; of
// MedMNIST's names train_images and train_labels: train/raw (n, 1, d, h, w) and train/label (n).
// Returns how many arrays there were.
std::size_t import_npz(const std::filesystem::path& path, const std::string& group,
                       const ImportOptions& options, hdf5::Writer& output,
                       const ImportProgress& progress);

}  // namespace lucid
