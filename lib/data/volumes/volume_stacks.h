#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/volumes/stack.h"
#include "data/volumes/volumes.h"

namespace lucid {

// Returns how many files of volumes may stay open: a part of what the process may open.
std::size_t most_open_files();

// The datasets that make up a volume or a run of volumes: equal in size and number of samples.
struct VolumeStacks {
  std::string star;                            // what the * of their paths matched
  std::string name{};                          // as choose_cases() gives it
  std::vector<std::unique_ptr<Stack>> inputs;  // at least one; their channels are concatenated
  std::unique_ptr<Stack> target, mask;         // null if not requested

  const Stack& first() const { return *inputs.front(); }
  std::size_t samples() const { return first().samples(); }
  bool is_numbered() const { return first().stored_samples() > 1; }
  // The name of a sample as a case: that of the volumes, and its number where there are several.
  std::string case_name(std::size_t sample) const;
  Shape volume_shape() const;  // (C, D, H, W) with the channels of all inputs
  std::vector<Stack*> all() const;
  std::size_t source_files() const;  // that virtual datasets keep open
  void read_inputs(std::size_t sample, std::span<float> out) const;
  // Finds the first element of the inputs, or of a part of their voxels, that the rule refuses.
  std::optional<StoredValue> find_refused_input(std::size_t sample, const std::optional<Box>& part,
                                                const ValueRule& rule) const;
};

// Opens the datasets of a file that match the config's paths. Throws Error(kData).
std::vector<VolumeStacks> open_stacks(const hdf5::File& file, const VolumesConfig& config);

}  // namespace lucid
