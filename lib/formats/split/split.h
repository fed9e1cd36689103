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
  std::optional<char> along;            // d, h, w: cuts one volume; else cases or samples are dealt
  std::optional<std::string> stratify;  // a dataset of a class a sample, or in every case
  bool are_linked = false;              // cases are named, not copied
  bool may_overwrite = false;
};

struct SplitSet {
  std::filesystem::path file;
  std::string content;  // "48 cases", "d=0:72"
};

// Deals what the inputs hold to NAME.h5 in the output folder, in the proportion of the fractions:
// of several files each to one set, of a file of groups the groups, else the samples along the
// first axis. Equal seeds deal equally. All sets appear when all are complete.
std::vector<SplitSet> split_set(const SplitOptions& options,
                                const std::function<void(double share)>& progress);

}  // namespace lucid
