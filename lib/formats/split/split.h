#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lucid {

struct SplitOptions {
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path output;  // a folder
  std::vector<double> fractions{0.8, 0.1, 0.1};
  std::vector<std::string> names{"train", "validation", "test"};
  std::uint64_t seed = 0;
  std::optional<char> along;  // d, h or w: cuts one volume instead of assigning cases or samples
  std::optional<std::string> stratify;  // dataset with a class per sample, or in every case
  bool are_linked = false;              // links to cases instead of copying them
  bool may_overwrite = false;
};

struct SplitSet {
  std::filesystem::path file;
  std::string content;  // "48 cases", "d=0:72"
};

// Assigns the content of the inputs to NAME.h5 in the output folder, in proportion to the
// fractions. Whole files are assigned if there are several, else the groups of the file, else
// samples along the first axis. Equal seeds give equal sets. All sets appear when all are complete,
// in place of all sets of the split that is replaced: each lists them in an attribute. An error
// leaves the earlier sets.
std::vector<SplitSet> split_set(const SplitOptions& options,
                                const std::function<void(double share)>& progress);

}  // namespace lucid
