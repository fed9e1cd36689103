#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "tensor/shape.h"

namespace lucid {

// Integers in the file are classes where a loss wants classes; floats are always values.
enum class TargetType { kIntegers, kFloats };

// Told voxels of one channel, and where they come from, for messages.
using VoxelVisitor = std::function<void(const std::string& place, std::size_t channel,
                                        std::span<const float> voxels)>;

struct LabelCount {
  std::int64_t voxels = 0;
  std::string place;  // of one of them, for messages
};
using LabelHistogram = std::map<std::int64_t, LabelCount>;

// A set of equally shaped samples with targets. Reading is thread-safe; a sample is a function of
// its index alone.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::size_t size() const = 0;    // at least 1
  virtual Shape sample_shape() const = 0;  // (C, D, H, W)
  virtual Shape target_shape() const = 0;  // without N: scalar, (K), (D, H, W) or (C, D, H, W)
  virtual TargetType target_type() const = 0;
  virtual bool has_targets() const { return true; }  // false: read_target() must not be called
  // Both in plain order. Class numbers are exact as floats up to 2^24.
  virtual void read_sample(std::size_t index, std::span<float> sample) const = 0;
  virtual void read_target(std::size_t index, std::span<float> target) const = 0;
  // Both, as they are in an epoch: sets that draw their samples draw others in each. `target` is
  // empty where none is wanted.
  virtual void read(std::int64_t epoch, std::size_t index, std::span<float> sample,
                    std::span<float> target) const;
  // "train.h5: /labels, sample 17", for messages.
  virtual std::string target_place(std::size_t index) const = 0;

  // Tells every voxel of the set once.
  virtual void walk_samples(const VoxelVisitor& visit) const;
  // How often each label occurs, where the set knows without reading every target.
  virtual std::optional<LabelHistogram> label_histogram() const { return std::nullopt; }
};

// Are the targets a grid of the sample's size, (D, H, W) or (C, D, H, W)?
inline bool has_voxel_targets(const Dataset& set) {
  const Shape sample = set.sample_shape(), target = set.target_shape();
  return target == sample.without_first() ||
         (target.rank() == 4 && target.without_first() == sample.without_first());
}

}  // namespace lucid
