#pragma once

#include <string>
#include <vector>

#include "data/hdf5/file.h"
#include "data/statistics/statistics.h"

namespace lucid {

struct Description {
  // Path, shape, type, storage, how many times less it takes stored ("1.46", "-" where that cannot
  // be said), and the range of its numbers ("0 .. 255", "-" where it has none).
  std::vector<std::string> cells;
  std::map<std::int64_t, std::int64_t> labels;  // where it holds few different integers
};

// Reads all of the dataset, piece by piece. Throws Error(kData).
Description describe_dataset(const hdf5::File& file, const std::string& dataset, int threads,
                             const Advance& advance);

}  // namespace lucid
