#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tensor/shape.h"

namespace lucid {

// Integers in the file are classes where a loss wants classes; floats are always values.
enum class TargetType { kIntegers, kFloats };

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
  // "train.h5: /labels, sample 17", for messages.
  virtual std::string target_place(std::size_t index) const = 0;
};

// Are the targets a grid of the sample's size, (D, H, W) or (C, D, H, W)?
inline bool has_voxel_targets(const Dataset& set) {
  const Shape sample = set.sample_shape(), target = set.target_shape();
  return target == sample.without_first() ||
         (target.rank() == 4 && target.without_first() == sample.without_first());
}

}  // namespace lucid
