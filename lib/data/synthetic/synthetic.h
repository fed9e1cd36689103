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
  std::int64_t classes = 4;   // for make_shapes and make_blobs
  double noise = 0.1;         // deviation as a fraction of the full range
  std::int64_t channels = 1;  // for make_field
  std::uint64_t seed = 0;
  std::optional<Triple> chunk{};  // of the volumes; by default one sample if compressed
  int deflate = 0;                // 0: none
};

// Returns the solids in the order of their classes: "sphere", "cube", ...
const std::vector<std::string>& shape_names();

// Returns "shapes", "blobs", "field".
const std::vector<std::string>& synthetic_kinds();
// Throws Error(kUsage) if an option is out of range.
void make_synthetic(const std::string& kind, hdf5::Writer& file, const SyntheticOptions& options);

// Each function writes `volumes` (n, 1, d, h, w), or (n, c, d, h, w) for a field of several
// channels; sample i depends on (seed, i) alone.
// Draws one solid of random position, size and direction per sample; `labels` (n) is its class.
void make_shapes(hdf5::Writer& file, const SyntheticOptions& options);
// Draws ellipsoids of classes 1 .. classes-1, brighter with the class, on background 0; `labels`
// (n, d, h, w).
void make_blobs(hdf5::Writer& file, const SyntheticOptions& options);
// Sums waves; `values` (n, 3) are offset, amplitude and frequency, each from 0 to 1. Channels of a
// larger field are moments of its growth; then `values` (n, 4) ends with the growth.
void make_field(hdf5::Writer& file, const SyntheticOptions& options);

}  // namespace lucid
