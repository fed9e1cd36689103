#pragma once
// Private to this room.

#include "data/hdf5/write.h"
#include "formats/import/dataset.h"
#include "formats/import/import.h"

namespace lucid {

// Copies every array of an archive to its own name in the group ("" or "name/"). MedMNIST's
// train_images and train_labels become train/raw (n, 1, d, h, w) and train/label (n). Returns the
// number of arrays.
std::size_t import_npz(const std::filesystem::path& path, const std::string& group,
                       const ImportOptions& options, hdf5::Writer& output,
                       const ImportProgress& progress);

}  // namespace lucid
