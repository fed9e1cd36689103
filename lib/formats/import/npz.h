#pragma once
// Private to this room.

#include "data/hdf5/write.h"
#include "formats/import/dataset.h"
#include "formats/import/import.h"
#include "formats/import/names.h"

namespace lucid {

// Copies every array of an archive to its own name in the group ("" or "name/"). MedMNIST's
// train_images and train_labels become train/raw (n, 1, d, h, w) and train/label (n). Adds the
// volumes, labels and arrays to the result; what holds no numbers is left out with a warning.
void import_npz(const std::filesystem::path& path, const std::string& group,
                const ImportOptions& options, DatasetNames& names, hdf5::Writer& output,
                const ImportProgress& progress, ImportResult& result);

}  // namespace lucid
