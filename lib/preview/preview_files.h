#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/unfinished_file.h"
#include "preview/preview.h"

namespace lucid {

// Says where the volumes of a preview are stored.
struct PreviewFiles {
  std::filesystem::path file;
  std::string dataset;
  std::optional<std::filesystem::path> labels_file;  // default: the same file
  std::optional<std::string> labels;                 // a dataset of classes or class channels
  SlicedVolume::Place place;
  std::string label_axes;                // default: as stored, or by rank
  std::vector<std::string> class_names;  // default: the attribute of the labels
  std::string remark;                    // appended to the names in the title
};

// Draws volumes of HDF5 files and writes the PNG, which appears when it is complete. Uses the
// geometry and class names that lucid-data import stores.
void write_preview(const PreviewFiles& files, const PreviewStyle& style, const OutputFile& output,
                   const std::function<void(double)>& tell);

}  // namespace lucid
