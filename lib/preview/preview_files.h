#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "preview/preview.h"

namespace lucid {

// Where the volumes of a picture are.
struct PreviewFiles {
  std::filesystem::path file;
  std::string dataset;
  std::optional<std::filesystem::path> labels_file;  // else the same
  std::optional<std::string> labels;                 // a dataset of classes or of class channels
  SlicedVolume::Place place;
  std::string label_axes;                // else as the dataset says, or by rank
  std::vector<std::string> class_names;  // else the attribute of the labels
  std::string remark;                    // behind the names in the title
};

// Draws the volume of HDF5 files and writes the PNG, which appears when it is complete. Geometry
// and class names are those that lucid-data import leaves.
void write_preview(const PreviewFiles& files, const PreviewStyle& style,
                   const std::filesystem::path& output, const std::function<void(double)>& tell);

}  // namespace lucid
