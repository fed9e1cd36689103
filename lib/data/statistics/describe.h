#pragma once

#include <string>
#include <vector>

#include "data/hdf5/file.h"
#include "data/statistics/statistics.h"

namespace lucid {

struct Description {
  // Path, shape, type, storage, compression ratio ("1.46", or "-" if unknown) and range of the
  // elements ("0 .. 255", or "-" if there is none).
  std::vector<std::string> cells;
  std::map<std::int64_t, std::int64_t> labels;  // only if there are few different integers
  hdf5::ArrayInfo info{};
  std::optional<double> ratio{};      // of compression
  std::optional<Statistics> found{};  // of the elements, if there are numbers
};

// Returns "0 .. 255", "-" of no elements, and how many are not finite.
std::string range_text(const Statistics& found, ElementType type);

// Reads all of the dataset, box by box. Throws Error(kData).
Description describe_dataset(const hdf5::File& file, const std::string& dataset, int threads,
                             const Advance& advance);

}  // namespace lucid
