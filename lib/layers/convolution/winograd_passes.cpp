#include "layers/convolution/winograd_passes.h"

#include "kernels/elementwise/add_scaled.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

using onednn::Dims;
using onednn::Layout;
using winograd::tiles;

// Floats of a slab's terms: of a volume that is cut, so that they are still in the cache of a core
// when they are read, and of volumes or samples that are not.
struct SlabFloats {
  std::int64_t cut, whole;
};
constexpr SlabFloats kForward{std::int64_t{1} << 19, std::int64_t{1} << 21};
// Every slab has a gradient of its own, which is added to the others.
constexpr SlabFloats kWeightGradient{std::int64_t{1} << 22, std::int64_t{1} << 22};
void accumulate(const float* part, std::int64_t floats, float* total) {
  constexpr std::int64_t kBlock = 1 << 14;
  parallel_blocks(floats, kBlock, [&](std::int64_t begin, std::int64_t end) {
    add_scaled(static_cast<std::size_t>(end - begin), 1, part + begin, total + begin);
  });
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr given;
  given.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return given;
}

const Dims kOnes{1, 1, 1}, kNone{0, 0, 0};

}  // namespace

WinogradForward::WinogradForward(const dnnl::engine& engine, const WinogradShape& shape)
    : WinogradProducts(engine, shape, kForward.cut, kForward.whole) {
  const auto descriptor = onednn::describe<dnnl::convolution_forward>(
      engine, attributes(), dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
      input_terms(), weight_terms(), Layout(), output_terms(), kOnes, kNone, kNone, kNone);
  use(dnnl::convolution_forward(descriptor), descriptor.scratchpad_desc(),
      descriptor.impl_info_str());
  set(DNNL_ARG_SRC, input_terms());
  set(DNNL_ARG_WEIGHTS, weight_terms());
  set(DNNL_ARG_DST, output_terms());
}

void WinogradForward::run(const float* x, const float* weights, const winograd::Epilogue& finish,
                          float* y, float* workspace) {
  float* products = workspace + input_floats_;
  float* scratchpad = products + output_floats_;
  for_slabs([&](const Slab& slab) {
    const winograd::TiledPlanes in = input_planes(slab), out = output_planes(slab);
    winograd::transform_input(in, x + slab.sample * in.tensor_floats(), workspace);
    execute({{DNNL_ARG_SRC, workspace},
             {DNNL_ARG_WEIGHTS, const_cast<float*>(weights)},
             {DNNL_ARG_DST, products},
             {DNNL_ARG_SCRATCHPAD, scratchpad}});
    winograd::transform_output(out, products, finish, y + slab.sample * out.tensor_floats());
  });
}

WinogradWeightGradient::WinogradWeightGradient(const dnnl::engine& engine,
                                               const WinogradShape& shape)
    : WinogradProducts(engine, shape, kWeightGradient.cut, kWeightGradient.whole) {
  const auto forward = onednn::describe<dnnl::convolution_forward>(
      engine, attributes(), dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
      input_terms(), weight_terms(), Layout(), output_terms(), kOnes, kNone, kNone, kNone);
  const auto descriptor = onednn::describe_backward<dnnl::convolution_backward_weights>(
      engine, attributes(), forward, dnnl::algorithm::convolution_direct, input_terms(),
      weight_terms(), Layout(), output_terms(), kOnes, kNone, kNone, kNone);
  use(dnnl::convolution_backward_weights(descriptor), descriptor.scratchpad_desc(),
      descriptor.impl_info_str());
  set(DNNL_ARG_SRC, input_terms());
  set(DNNL_ARG_DIFF_DST, output_terms());
  set(DNNL_ARG_DIFF_WEIGHTS, weight_terms());
}

std::int64_t WinogradWeightGradient::row_sums() const {
  return shape_.samples * shape_.outputs * shape_.output[0] * tiles(shape_.output[1]);
}

std::int64_t WinogradWeightGradient::workspace_floats() const {
  return WinogradProducts::workspace_floats() + 2 * weight_floats_ + in_lines(row_sums());
}

void WinogradWeightGradient::run(const float* x, const float* dy, float* weights, float* sums,
                                 float* workspace) {
  float* gradient = workspace + input_floats_;
  float* total = gradient + output_floats_;
  float* part = total + weight_floats_;
  float* sums_of_rows = part + weight_floats_;
  float* scratchpad = sums_of_rows + in_lines(row_sums());
  bool is_first = true;
  for_slabs([&](const Slab& slab) {
    const winograd::TiledPlanes in = input_planes(slab), out = output_planes(slab);
    float* of_rows = sums_of_rows + slab.sample * row_sums() / shape_.samples;
    winograd::transform_input(in, x + slab.sample * in.tensor_floats(), workspace);
    winograd::transform_output_gradient(out, slab.counted, dy + slab.sample * out.tensor_floats(),
                                        gradient, of_rows);
    execute({{DNNL_ARG_SRC, workspace},
             {DNNL_ARG_DIFF_DST, gradient},
             {DNNL_ARG_DIFF_WEIGHTS, is_first ? total : part},
             {DNNL_ARG_SCRATCHPAD, scratchpad}});
    if (!is_first) accumulate(part, weight_floats_, total);
    is_first = false;
  });
  winograd::transform_filter_gradient(shape_.weights(), total, weights);
  if (sums != nullptr) add_rows(sums_of_rows, sums);
}

// In double, row by row: the order does not depend on threads or slabs.
void WinogradWeightGradient::add_rows(const float* rows, float* sums) const {
  const std::int64_t lanes = shape_.lanes, of_sample = row_sums() / shape_.samples;
  const std::int64_t of_channel = shape_.output[0] * tiles(shape_.output[1]);
  parallel_for(shape_.outputs, [&](std::int64_t channel) {
    double sum = 0;
    for (std::int64_t sample = 0; sample < shape_.samples; ++sample) {
      const float* from =
          rows + sample * of_sample + channel / lanes * of_channel * lanes + channel % lanes;
      for (std::int64_t row = 0; row < of_channel; ++row) sum += from[row * lanes];
    }
    sums[channel] = static_cast<float>(sum);
  });
}

}  // namespace lucid
