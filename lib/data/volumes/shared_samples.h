#pragma once

#include <string>
#include <vector>

#include "data/array/box.h"
#include "tensor/shape.h"

namespace lucid {

// Where the inputs of consecutive samples, or of patches of a volume, are stored.
struct SampleOrigin {
  std::string identity, place;  // of the dataset; equal identities are equal datasets
  std::size_t begin = 0, end = 1;
  Box region{};              // that is used of each; of no size: all
  Shape stored{};            // of the dataset
  std::string name{};        // of the case
  bool is_numbered = false;  // the dataset holds several samples, and each is a case
};

struct SharedSamples {
  std::size_t count = 0;
  std::string place;  // of the first
};

// Counts the samples of a set that another one holds, too, at least in part.
SharedSamples shared_samples(const std::vector<SampleOrigin>& set,
                             const std::vector<SampleOrigin>& other);

// Counts the samples of a set that it already holds.
SharedSamples repeated_samples(const std::vector<SampleOrigin>& set);

}  // namespace lucid
