#include "layers/convolution/winograd/products.h"

#include "kernels/elementwise/add_scaled.h"
#include "layers/convolution/problem/descriptors.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using onednn::Layout;
using winograd::tiles;

void accumulate(const float* part, std::int64_t floats, float* total) {
  constexpr std::int64_t kBlock = 1 << 14;
  parallel_blocks(floats, kBlock, [&](std::int64_t begin, std::int64_t end) {
    add_scaled(static_cast<std::size_t>(end - begin), 1, part + begin, total + begin);
  });
}

}  // namespace

WinogradProducts::WinogradProducts(const dnnl::engine& engine, const WinogradShape& shape,
                                   SlabFloats floats)
    : slabs_(shape, floats), engine_(engine), stream_(engine) {}

std::int64_t WinogradProducts::in_lines(std::int64_t floats) { return (floats + 15) / 16 * 16; }

std::int64_t WinogradProducts::workspace_floats() const {
  return x_floats_ + y_floats_ + scratchpad_floats_;
}

template <class Descriptor>
void WinogradProducts::use(const Descriptor& descriptor, const Layout& x, const Layout& weight,
                           const Layout& y) {
  const auto floats_of = [](const Layout& layout) {
    return in_lines(static_cast<std::int64_t>(layout.get_size() / sizeof(float)));
  };
  implementation_ = descriptor.impl_info_str();
  scratchpad_floats_ = floats_of(descriptor.scratchpad_desc());
  x_floats_ = floats_of(x);
  y_floats_ = floats_of(y);
  weight_floats_ = floats_of(weight);
  call_ = PrimitiveCall(dnnl::primitive(descriptor.get()));
  bind(DNNL_ARG_SCRATCHPAD, descriptor.scratchpad_desc());
}

void WinogradProducts::bind(int argument, const Layout& layout) {
  call_.add(argument, dnnl::memory(layout, engine_, DNNL_MEMORY_NONE));
}

void WinogradProducts::execute(std::initializer_list<std::pair<int, void*>> storage) {
  for (const auto& [argument, at] : storage) call_.place(argument, at);
  call_.run(stream_);
  stream_.wait();
}

WinogradForward::WinogradForward(const dnnl::engine& engine, const WinogradShape& shape)
    : WinogradProducts(engine, shape, kForwardSlab) {
  const auto descriptor = onednn::forward_descriptor(engine, slabs_.products());
  use(descriptor, descriptor.src_desc(), descriptor.weights_desc(), descriptor.dst_desc());
  bind(DNNL_ARG_SRC, descriptor.src_desc());
  bind(DNNL_ARG_WEIGHTS, descriptor.weights_desc());
  bind(DNNL_ARG_DST, descriptor.dst_desc());
}

void WinogradForward::run(const float* x, const float* transformed_weight,
                          const winograd::Epilogue& epilogue, float* y, float* workspace) {
  float* products = workspace + x_floats_;
  float* scratchpad = products + y_floats_;
  slabs_.for_each([&](const WinogradSlabs::Slab& slab) {
    const winograd::TiledPlanes in = slabs_.input_planes(slab), out = slabs_.output_planes(slab);
    winograd::transform_input(in, winograd::InputOf::kOutput, x + slab.sample * in.tensor_floats(),
                              workspace);
    execute({{DNNL_ARG_SRC, workspace},
             {DNNL_ARG_WEIGHTS, const_cast<float*>(transformed_weight)},
             {DNNL_ARG_DST, products},
             {DNNL_ARG_SCRATCHPAD, scratchpad}});
    winograd::transform_output(out, products, epilogue, y + slab.sample * out.tensor_floats());
  });
}

WinogradWeightGradient::WinogradWeightGradient(const dnnl::engine& engine,
                                               const WinogradShape& shape)
    : WinogradProducts(engine, shape, kWeightGradientSlab) {
  const auto descriptor = onednn::weight_gradient_descriptor(engine, slabs_.products());
  use(descriptor, descriptor.src_desc(), descriptor.diff_weights_desc(),
      descriptor.diff_dst_desc());
  bind(DNNL_ARG_SRC, descriptor.src_desc());
  bind(DNNL_ARG_DIFF_DST, descriptor.diff_dst_desc());
  bind(DNNL_ARG_DIFF_WEIGHTS, descriptor.diff_weights_desc());
}

std::int64_t WinogradWeightGradient::row_sums() const {
  const WinogradShape& shape = slabs_.shape();
  return shape.samples * shape.outputs * shape.output[0] * tiles(shape.output[1]);
}

std::int64_t WinogradWeightGradient::workspace_floats() const {
  return WinogradProducts::workspace_floats() + 2 * weight_floats_ + in_lines(row_sums());
}

void WinogradWeightGradient::run(const float* x, const float* dy, float* dw, float* sums,
                                 float* workspace) {
  const std::int64_t sample_sums = row_sums() / slabs_.shape().samples;
  float* gradient = workspace + x_floats_;
  float* total = gradient + y_floats_;
  float* part = total + weight_floats_;
  float* sums_of_rows = part + weight_floats_;
  float* scratchpad = sums_of_rows + in_lines(row_sums());
  bool is_first = true;
  slabs_.for_each([&](const WinogradSlabs::Slab& slab) {
    const winograd::TiledPlanes in = slabs_.input_planes(slab), out = slabs_.output_planes(slab);
    winograd::transform_input(in, winograd::InputOf::kWeightGradient,
                              x + slab.sample * in.tensor_floats(), workspace);
    winograd::transform_output_gradient(out, slab.counted, dy + slab.sample * out.tensor_floats(),
                                        gradient, sums_of_rows + slab.sample * sample_sums);
    execute({{DNNL_ARG_SRC, workspace},
             {DNNL_ARG_DIFF_DST, gradient},
             {DNNL_ARG_DIFF_WEIGHTS, is_first ? total : part},
             {DNNL_ARG_SCRATCHPAD, scratchpad}});
    if (!is_first) accumulate(part, weight_floats_, total);
    is_first = false;
  });
  winograd::transform_filter_gradient(slabs_.shape().weights(), total, dw);
  if (sums != nullptr) add_rows(sums_of_rows, sums);
}

// Sums in double, row by row, so that the order does not depend on threads or slabs.
void WinogradWeightGradient::add_rows(const float* rows, float* sums) const {
  const WinogradShape& shape = slabs_.shape();
  const std::int64_t lanes = shape.lanes, of_sample = row_sums() / shape.samples;
  const std::int64_t of_channel = shape.output[0] * tiles(shape.output[1]);
  parallel_for(shape.outputs, [&](std::int64_t channel) {
    double sum = 0;
    for (std::int64_t sample = 0; sample < shape.samples; ++sample) {
      const float* from =
          rows + sample * of_sample + channel / lanes * of_channel * lanes + channel % lanes;
      for (std::int64_t row = 0; row < of_channel; ++row) sum += from[row * lanes];
    }
    sums[channel] = static_cast<float>(sum);
  });
}

}  // namespace lucid
