#pragma once

#include <algorithm>

#include "kernels/convolution/winograd.h"
#include "layers/convolution/problem/problem.h"

namespace lucid {

// A convolution of stride 1 whose kernel spans (depth, 3, 3) voxels, on blocked tensors.
struct WinogradShape {
  std::int64_t samples = 1, inputs = 1, outputs = 1;  // channels of whole blocks
  std::int64_t lanes = 16, depth = 3;
  Triple input{}, output{}, padding{};  // padding on the low side

  // The convolution that computes the input gradient.
  WinogradShape reversed() const;
  winograd::FilterShape weights() const { return {outputs / lanes, inputs / lanes, depth, lanes}; }
};

WinogradShape winograd_shape(const Problem& problem, std::int64_t lanes);

// The floats that the transformed tensors of one slab may have: where a volume is cut, so that they
// are still in the cache of a core when they are read, and where it is not. A slab has some times
// as many as the transformed weights in any case.
struct SlabFloats {
  std::int64_t cut, whole;
  std::int64_t times_weights = 1;
};
inline constexpr SlabFloats kForwardSlab{std::int64_t{1} << 19, std::int64_t{1} << 21};
// Every slab has a weight gradient of its own, which is added to the others: short sums keep more
// digits, but a slab should have far more products than weights.
inline constexpr SlabFloats kWeightGradientSlab{std::int64_t{1} << 20, std::int64_t{1} << 22, 32};

// Cuts the tensors of a Winograd convolution into slabs of samples, planes or rows of tiles whose
// transformed tensors a cache may hold, and describes the products of one slab.
class WinogradSlabs {
 public:
  struct Slab {
    std::int64_t sample, plane, row;  // the first; planes of the output, rows of its tiles
    winograd::Counted counted;        // the first plane and row that no earlier slab had
  };

  WinogradSlabs(const WinogradShape& shape, SlabFloats floats);

  const WinogradShape& shape() const { return shape_; }
  winograd::TiledPlanes input_planes(const Slab& slab) const;
  winograd::TiledPlanes output_planes(const Slab& slab) const;
  // The products of a slab: a convolution of (depth, 1, 1) with a group for each of the 36
  // transformed values, on blocked tensors.
  Problem products() const;
  template <class Body>
  void for_each(const Body& body) const;

 private:
  WinogradShape shape_;
  std::int64_t samples_ = 1, planes_ = 1, rows_ = 1;  // of a slab
};

template <class Body>
void WinogradSlabs::for_each(const Body& body) const {
  const std::int64_t planes = shape_.output[0], rows = winograd::tiles(shape_.output[1]);
  for (std::int64_t sample = 0; sample < shape_.samples; sample += samples_)
    for (std::int64_t plane = 0; plane < planes; plane += planes_)
      for (std::int64_t row = 0; row < rows; row += rows_)
        body(Slab{
            sample, std::min(plane, planes - planes_), std::min(row, rows - rows_), {plane, row}});
}

}  // namespace lucid
