#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid {

// Copies these rows, in ascending order, of every array of a file; the attribute source_samples
// lists them. Arrays without a sample axis are copied whole.
void copy_samples(const hdf5::File& file, const std::vector<std::int64_t>& rows,
                  hdf5::Writer& output);

// A part of an axis, from `begin` to `end` as fractions of its length.
struct AxisCut {
  char axis;
  double begin, end;
};

// Copies this part of every volume of a file and moves its affine along. Returns the range,
// "d=0:72".
std::string copy_cut(const hdf5::File& file, const AxisCut& cut, hdf5::Writer& output);

}  // namespace lucid
