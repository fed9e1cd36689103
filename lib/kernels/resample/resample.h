#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/triple.h"
#include "kernels/layout/channel_groups.h"

namespace lucid {

// The taps of every output voxel along one axis: voxel o is the sum of weight * input voxel over
// the taps [begin[o], begin[o + 1]).
struct AxisTaps {
  struct Tap {
    std::int64_t input;
    float weight;
  };
  std::vector<std::int64_t> begin{0};
  std::vector<Tap> taps;

  std::int64_t outputs() const { return static_cast<std::int64_t>(begin.size()) - 1; }
  void add_output(std::initializer_list<Tap> of);
  AxisTaps transposed(std::int64_t inputs) const;  // for gradients
};

// The longest run of voxels that are their inputs as they are: output o is input o + shift.
struct CopiedRun {
  std::int64_t begin = 0, end = 0, shift = 0;
};

// A separable linear map of volumes: padding, interpolation, and the gradients of both.
class Resampling {
 public:
  explicit Resampling(std::array<AxisTaps, 3> axes);

  const AxisTaps& axis(std::size_t i) const { return axes_[i]; }
  const CopiedRun& copied() const { return copied_; }  // along W
  Resampling transposed(const Triple& inputs) const;

 private:
  std::array<AxisTaps, 3> axes_;
  CopiedRun copied_;
};

// Both tensors in one order. Every sum is made by one thread in a fixed order.
void resample(const Resampling& resampling, const ChannelGroups& in, const ChannelGroups& out,
              const float* x, float* y);

}  // namespace lucid
