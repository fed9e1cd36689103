#include "layers/convolution/weight_gradient.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "layers/convolution/blocked_gradient.h"
#include "layers/convolution/small_channel.h"
#include "layers/convolution/winograd.h"
#include "layers/resample/padding.h"
#include "layers/resample/resampled.h"

namespace lucid {
namespace {

using onednn::Dims;
using Forward = dnnl::convolution_forward::primitive_desc;
using Descriptor = dnnl::convolution_backward_weights::primitive_desc;

// oneDNN starts a row in a few instructions, ours in some fifty: measured with 7 to 128 voxels, of
// few channels with 10 to 96.
constexpr std::int64_t kLongRow = 32, kLongRowOfFew = 24;

Descriptor describe(PlanBuilder& b, const Convolution& c, const Forward& forward) {
  return onednn::describe_backward<dnnl::convolution_backward_weights>(
      b.device(), b.attributes(), forward, dnnl::algorithm::convolution_direct, c.src, c.weights,
      c.bias, c.dst, c.stride, c.dilation, c.pad_low, c.pad_high);
}

// Not a product over copied columns, nor a kernel for older processors. That for AVX2 crawls over
// few channels: 12 GFLOP/s of 140 in plain order, 23 in blocks of which one channel is used.
bool is_direct(const Descriptor& descriptor) {
  constexpr std::int64_t kFewChannels = 4;
  const std::string_view name = descriptor.impl_info_str();
  if (name.find("gemm") != std::string_view::npos) return false;
  const Layout src = descriptor.src_desc();
  if (onednn::vector_set() == onednn::VectorSet::kAvx2 &&
      (onednn::order_of(src) == onednn::Order::kPlain || onednn::extents(src)[1] <= kFewChannels))
    return false;
  return name.find(onednn::vector_set_name()) != std::string_view::npos;
}

WeightGradients by_onednn(PlanBuilder& b, const std::string& what, const Convolution& c,
                          const Descriptor& descriptor, Value x, Value dy) {
  WeightGradients gradients{b.produce(descriptor.diff_weights_desc()), {}};
  std::vector<Argument> arguments{{DNNL_ARG_SRC, b.in_layout(x, descriptor.src_desc())},
                                  {DNNL_ARG_DIFF_DST, b.in_layout(dy, descriptor.diff_dst_desc())},
                                  {DNNL_ARG_DIFF_WEIGHTS, gradients.weight}};
  if (c.bias.get_size() > 0)
    arguments.push_back({DNNL_ARG_DIFF_BIAS, gradients.bias = b.produce(c.bias)});
  b.step<dnnl::convolution_backward_weights>(what + " weight gradient", descriptor,
                                             std::move(arguments));
  return gradients;
}

std::optional<WeightGradients> on_padded_input(PlanBuilder& b, const std::string& what,
                                               const Convolution& c, Value x, Value dy) {
  Convolution padded = c;
  Dims extents = onednn::extents(c.src);
  const Dims input = extents;
  extents[2] += c.pad_low[0] + c.pad_high[0];
  padded.src = onednn::any_layout(extents);
  padded.pad_low[0] = padded.pad_high[0] = 0;
  const auto forward = onednn::describe<dnnl::convolution_forward>(
      b.device(), b.attributes(), b.forward_kind(), dnnl::algorithm::convolution_direct, padded.src,
      padded.weights, padded.bias, padded.dst, padded.stride, padded.dilation, padded.pad_low,
      padded.pad_high);
  const Descriptor descriptor = describe(b, padded, forward);
  const auto order = onednn::order_of(descriptor.src_desc());
  if (!is_direct(descriptor) || !order) return std::nullopt;
  const auto mode = PaddingMode::kZeros;
  const Resampled pad(Shape(input), *order,
                      {padded_axis(mode, input[2], c.pad_low[0], c.pad_high[0]),
                       padded_axis(mode, input[3], 0, 0), padded_axis(mode, input[4], 0, 0)});
  return by_onednn(b, what, padded, descriptor, pad.record(b, "padding in depth", x), dy);
}

}  // namespace

WeightGradients record_weight_gradient(PlanBuilder& b, const std::string& what,
                                       const Convolution& c, const Forward& forward, Value x,
                                       Value also_x, Value dy) {
  using Route = WeightGradientRoute;
  const Descriptor library = describe(b, c, forward);
  if (onednn::data_type(c.src) != onednn::kFloat) return by_onednn(b, what, c, library, x, dy);
  const std::int64_t row = onednn::extents(c.dst)[4];
  const bool is_long = row >= kLongRow;
  const Route route = b.weight_gradient_route();
  if (route == Route::kBest) {
    const auto narrow = Narrow::choose_for_weights(b, c, x, also_x);
    const bool is_wanted = b.convolution_route() == ConvolutionRoute::kNarrow;
    if (narrow && (narrow->fills_vectors() || row >= kLongRowOfFew || is_wanted))
      return narrow->weight_gradient(b, what, dy);
    if (const auto winograd = Winograd::choose_for_weights(b, c))
      return winograd->weight_gradient(b, what, also_x ? also_x : x, dy);
    if (narrow && !is_direct(library)) return narrow->weight_gradient(b, what, dy);
  }
  if (route == Route::kOwn || (route == Route::kBest && (is_long || !is_direct(library)))) {
    if (const auto own = OwnWeightGradient::choose(b, c, forward.dst_desc(), x, also_x))
      return own->record(b, what, dy);
  }
  const bool pads = c.pad_low[0] > 0 || c.pad_high[0] > 0;
  if (route != Route::kOneDnn && pads && !is_direct(library)) {
    if (const auto padded = on_padded_input(b, what, c, x, dy)) return *padded;
  }
  return by_onednn(b, what, c, library, x, dy);
}

}  // namespace lucid
