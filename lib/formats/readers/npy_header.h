#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "formats/readers/numpy.h"

namespace lucid {

// The header of an array of NumPy.
struct NpyHeader {
  NumberCoding coding;
  std::vector<std::int64_t> shape;  // empty for a scalar
  bool is_fortran = false;          // the first axis is contiguous
};

// Reads magic, version and dictionary; elements follow in the stream. Throws UnsupportedArray for
// elements that are no real numbers, otherwise Error(kData).
NpyHeader read_npy_header(ByteStream& bytes, const std::string& place);

}  // namespace lucid
