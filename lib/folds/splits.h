#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/config/run_config.h"

namespace lucid {

// The names of the cases that a fold trains on, and of those that it holds out.
struct FoldSplit {
  std::vector<std::string> train, held_out;
  friend bool operator==(const FoldSplit&, const FoldSplit&) = default;
};
using FoldSplits = std::vector<FoldSplit>;

// Returns the splits that train.folds of the config asks for. `cases` are sorted. Throws
// Error(kUsage) if there are fewer cases than folds, or a file of splits does not fit them.
FoldSplits splits_of(const RunConfig& config, const std::vector<std::string>& cases);

// Read and write what nnU-Net has in splits_final.json: a list of {"train": [names], "val":
// [names]}. A case may stand once in a fold, and be held out by one fold. Throws Error(kUsage).
FoldSplits read_splits(const std::filesystem::path& file, const std::vector<std::string>& cases);
std::string splits_text(const FoldSplits& splits);

}  // namespace lucid
