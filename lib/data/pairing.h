#pragma once

#include <string>
#include <vector>

#include "data/hdf5.h"

namespace lucid {

struct DatasetPair {
  std::string input, target;  // target: empty where none is wanted
};

// The datasets of a file that two paths stand for. One * in a path matches any part of one name;
// the target's stands for what the input's stood for. A dataset whose exact name holds * takes
// precedence. Throws Error(kData).
std::vector<DatasetPair> pair_datasets(const hdf5::File& file, const std::string& input,
                                       const std::string& target);

}  // namespace lucid
