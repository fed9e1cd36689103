#pragma once

#include <algorithm>

#include "base/json.h"
#include "kernels/convolution/winograd.h"
#include "tensor/primitive_call.h"

namespace lucid {

// A convolution of stride 1 whose kernel spans (depth, 3, 3) voxels, on tensors in blocks.
struct WinogradShape {
  std::int64_t samples = 1, inputs = 1, outputs = 1;  // channels of whole blocks
  std::int64_t lanes = 16, depth = 3;
  Triple input{}, output{}, padding{};  // padding: on the low side

  WinogradShape reversed() const;  // of the convolution that computes the input's gradient
  winograd::FilterShape weights() const { return {outputs / lanes, inputs / lanes, depth, lanes}; }
};

// A product of terms, whole tensors in slabs of samples or planes that a cache may hold. What it
// works in is given to run(): `workspace_floats()` of them.
class WinogradProducts {
 public:
  const char* implementation() const { return implementation_; }
  bool is_direct() const;  // oneDNN has code for it that no copied columns feed
  std::int64_t workspace_floats() const;

 protected:
  WinogradProducts(const dnnl::engine& engine, const WinogradShape& shape, std::int64_t cut_floats,
                   std::int64_t whole_floats);

  struct Slab {
    std::int64_t sample, plane, row;  // the first; planes of the output, rows of its tiles
    winograd::Counted counted;        // what no slab before had
  };
  template <class Body>
  void for_slabs(const Body& body) const;
  winograd::TiledPlanes input_planes(const Slab& slab) const;
  winograd::TiledPlanes output_planes(const Slab& slab) const;
  onednn::Layout input_terms() const;
  onednn::Layout output_terms() const;
  onednn::Layout weight_terms() const;
  static std::int64_t in_lines(std::int64_t floats);            // floats of whole lines of a cache
  static std::int64_t floats_of(const onednn::Layout& layout);  // in lines
  void use(const dnnl::primitive& primitive, const onednn::Layout& scratchpad,
           const char* implementation);
  void set(int role, const onednn::Layout& layout);
  void execute(std::initializer_list<std::pair<int, void*>> at);

  WinogradShape shape_;
  std::int64_t slab_samples_ = 1, slab_planes_ = 1, slab_rows_ = 1;
  std::int64_t input_floats_ = 0, output_floats_ = 0, weight_floats_ = 0;  // of a slab's terms

 private:
  dnnl::engine engine_;
  dnnl::stream stream_;
  const char* implementation_ = "";
  std::int64_t scratchpad_floats_ = 0;
  PrimitiveCall call_;
};

template <class Body>
void WinogradProducts::for_slabs(const Body& body) const {
  const std::int64_t planes = shape_.output[0], rows = winograd::tiles(shape_.output[1]);
  for (std::int64_t sample = 0; sample < shape_.samples; sample += slab_samples_)
    for (std::int64_t plane = 0; plane < planes; plane += slab_planes_)
      for (std::int64_t row = 0; row < rows; row += slab_rows_)
        body(Slab{sample,
                  std::min(plane, planes - slab_planes_),
                  std::min(row, rows - slab_rows_),
                  {plane, row}});
}

}  // namespace lucid
