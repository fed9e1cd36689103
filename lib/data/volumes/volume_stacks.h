#pragma once

#include <memory>
#include <vector>

#include "data/volumes/stack.h"
#include "data/volumes/volumes.h"

namespace lucid {

// As many files as are kept open: safe under the usual limit of 1024.
inline constexpr std::size_t kMostOpenFiles = 256;

// The datasets of a volume, or of a run of volumes, that belong together: of one size, with as many
// samples.
struct VolumeStacks {
  std::string star;                            // what the * of their paths stood for
  std::vector<std::unique_ptr<Stack>> inputs;  // at least one; channels follow on each other
  std::unique_ptr<Stack> target, mask;         // null where none is wanted

  const Stack& first() const { return *inputs.front(); }
  std::size_t samples() const { return first().samples(); }
  Shape volume_shape() const;  // (C, D, H, W), the channels of all inputs
  std::vector<Stack*> all() const;
  void read_inputs(std::size_t sample, std::span<float> out) const;
};

// What the config's paths stand for in a file. Throws Error(kData).
std::vector<VolumeStacks> open_stacks(const hdf5::File& file, const VolumesConfig& config);

}  // namespace lucid
