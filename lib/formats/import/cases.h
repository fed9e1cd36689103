#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lucid {

// A volume and what is known of it. Several images are its channels.
struct ImportCase {
  std::string name;
  std::vector<std::filesystem::path> images;
  std::optional<std::filesystem::path> label;
};

struct ImportFiles {
  std::vector<ImportCase> cases;           // sorted by name within each input
  std::vector<std::filesystem::path> npz;  // archives: no volumes but sets
  std::vector<std::string> class_names;    // of a dataset.json beside the volumes
};

// Files, globs and folders as cases. Images and labels belong together by their names; an image
// NAME_0000, NAME_0001, ... is a channel of NAME. A folder with imagesTr and labelsTr stands for
// both. Throws Error(kUsage) where there is nothing, Error(kData) with a line for each image
// without label and each label without image.
ImportFiles find_cases(const std::vector<std::string>& images,
                       const std::vector<std::string>& labels);

}  // namespace lucid
