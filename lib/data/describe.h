#pragma once

#include <string>
#include <vector>

#include "data/hdf5.h"

namespace lucid {

// A dataset in five words: path, shape, type, storage, and the range of its numbers ("0 .. 255",
// "-" where it has none), for which all of it is read, piece by piece. Throws Error(kData).
std::vector<std::string> describe_dataset(const hdf5::File& file, const std::string& dataset);

}  // namespace lucid
