#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "data/hdf5/file.h"
#include "data/hdf5/write.h"

namespace lucid {

// Returns what an object of a file leads to, for a copy of it. Throws Error(kData) if that cannot
// be copied: the copy of a virtual dataset would search its sources next to the set. HDF5 copies a
// group once if its file stays open, otherwise once for each link, so the files are kept.
hdf5::Listing check_copied(const std::filesystem::path& path, const std::string& object);

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
