#pragma once

#include <string>
#include <vector>

#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid {

// The rows of every array of a file, ascending; the attribute source_samples lists them. Arrays
// without an axis are copied whole.
void copy_samples(const hdf5::File& file, const std::vector<std::int64_t>& rows,
                  hdf5::Writer& output);

// From `begin` to `end`, shares of an axis.
struct AxisCut {
  char axis;
  double begin, end;
};

// That part of every volume of a file, its affine moved along. Returns where it lay, "d=0:72".
std::string copy_cut(const hdf5::File& file, const AxisCut& cut, hdf5::Writer& output);

}  // namespace lucid
