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
  std::filesystem::path file;  // of any format
  std::string dataset{};       // of HDF5, or an array of .npz
  // A dataset of classes or class channels, in another file or the same; or a volume file, for
  // which labels_file is not set.
  std::optional<std::filesystem::path> labels_file;
  std::optional<std::string> labels;
  SlicedVolume::Place place;
  std::string label_axes;                // default: as stored, or by rank
  std::vector<std::string> class_names;  // default: the attribute of the labels
  std::string remark;                    // appended to the names in the title
};

// Returns the file that the labels are in; nothing if neither it nor labels are named.
std::optional<std::filesystem::path> file_of_labels(const PreviewFiles& files);

// Draws volumes and writes the PNG, which appears when it is complete. Uses the
// geometry of the volume and the class names that lucid-data import stores. Throws Error.
void write_preview(const PreviewFiles& files, const PreviewStyle& style, const OutputFile& output,
                   const std::function<void(double)>& tell);

}  // namespace lucid
