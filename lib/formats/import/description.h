#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lucid {

// The names that a dataset.json of the Decathlon or of nnU-Net gives, by number.
struct SetDescription {
  std::vector<std::string> class_names{};    // "labels"
  std::vector<std::string> channel_names{};  // "modality", "channel_names": "CT", "MRI", ..
};

// Returns empty lists for what the file does not say, and if there is none. Throws Error(kUsage)
// for a file that is not JSON.
SetDescription read_description(const std::filesystem::path& file);

}  // namespace lucid
