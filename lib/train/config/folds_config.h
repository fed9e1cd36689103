#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"

namespace lucid {

// "folds" of the train section: cross-validation. The cases of data.train are dealt to folds, each
// of which is held out by one run that the others train.
struct FoldsConfig {
  std::int64_t count = 5;
  std::uint32_t seed = 12345;   // of the order in which cases are dealt
  std::string file{};           // of the splits; empty: dealt by count and seed
  bool predicts_best = true;    // held out cases are predicted from best.h5, otherwise last.h5
  bool predicts_flips = false;  // by the mean over mirror images, along the axes of RandomFlip
};

// Reads the object. The caller resolves the path of the file.
FoldsConfig read_folds_config(JsonObject& folds);

// Returns the object with defaults filled in.
Json folds_json(const FoldsConfig& config);

}  // namespace lucid
