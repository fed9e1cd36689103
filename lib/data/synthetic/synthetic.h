#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/hdf5/write.h"

namespace lucid {

struct SyntheticOptions {
  std::int64_t count = 100;   // samples
  Triple size{32, 32, 32};    // each at least 8
  std::int64_t classes = 4;   // of make_shapes and make_blobs
  double noise = 0.1;         // deviation, as a part of the full range
  std::int64_t channels = 1;  // of make_field
  std::uint64_t seed = 0;
  std::optional<Triple> chunk{};  // of the volumes; none: a sample where they are compressed
  int deflate = 0;                // 0: none
};

// The solids in the order of their class numbers: "sphere", "cube", ...
const std::vector<std::string>& shape_names();

// "shapes", "blobs", "field".
const std::vector<std::string>& synthetic_kinds();
// Throws Error(kUsage) where an option is out of range.
void make_synthetic(const std::string& kind, hdf5::Writer& file, const SyntheticOptions& options);

// Each writes `volumes` (n, 1, d, h, w), a field of several channels (n, c, d, h, w), sample by
// sample; sample i is a function of (seed, i).
// One solid of random place, size and direction: `labels` (n) says which.
void make_shapes(hdf5::Writer& file, const SyntheticOptions& options);
// Ellipsoids of classes 1 .. classes-1, brighter with the class, on 0: `labels` (n, d, h, w).
void make_blobs(hdf5::Writer& file, const SyntheticOptions& options);
// A sum of waves: `values` (n, 3) are its offset, amplitude and frequency, each from 0 to 1. The
// channels of a larger one are moments at which it has grown: `values` (n, 4), the last its growth.
void make_field(hdf5::Writer& file, const SyntheticOptions& options);

}  // namespace lucid
