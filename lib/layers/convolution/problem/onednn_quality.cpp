#include "layers/convolution/problem/onednn_quality.h"

#include <string_view>

#include "layers/convolution/problem/descriptors.h"

namespace lucid {
namespace {

using onednn::Layout;
using onednn::Order;
using onednn::VectorSet;

// oneDNN 2.6 leaves garbage in the bfloat16 weight gradient of a strided kernel of 7 whose rows are
// short: seen with 2 to 7 outputs, not with 8, nor in float.
bool is_known_wrong(const Problem& p) {
  constexpr std::int64_t kWideKernel = 6, kShortRow = 16;
  return p.is_training && p.read != onednn::kFloat && p.stride[2] > 1 &&
         p.kernel[2] >= kWideKernel && p.output[2] < kShortRow;
}

Quality quality_of_name(std::string_view name) {
  if (name.find("ref") != std::string_view::npos) return Quality::kReference;
  if (name.find("gemm") != std::string_view::npos) return Quality::kGemm;
  if (name.starts_with("brg")) return Quality::kBrgemm;
  return Quality::kNative;
}

// The AVX2 kernel for weight gradients crawls over few channels: 12 GFLOP/s of 140 in plain order,
// 23 in blocks of which one channel is used.
bool crawls(const Layout& x) {
  constexpr std::int64_t kFewChannels = 4;
  return onednn::vector_set() == VectorSet::kAvx2 &&
         (onednn::order_of(x) == Order::kPlain || onednn::extents(x)[1] <= kFewChannels);
}

Quality weight_gradient_quality(const dnnl::engine& engine, const Problem& problem) {
  const auto descriptor = onednn::weight_gradient_descriptor(engine, problem);
  const std::string_view name = descriptor.impl_info_str();
  const Quality quality = quality_of_name(name);
  if (quality == Quality::kReference || quality == Quality::kGemm) return quality;
  const bool is_for_these_vectors = name.find(onednn::vector_set_name()) != std::string_view::npos;
  return is_for_these_vectors && !crawls(descriptor.src_desc()) ? quality : Quality::kSlow;
}

}  // namespace

bool is_sound(Quality quality) {
  return quality != Quality::kReference && quality != Quality::kWrong && quality != Quality::kNone;
}

bool is_native(Quality quality) {
  return quality == Quality::kNative || quality == Quality::kBrgemm;
}

Quality OneDnn::quality(const Problem& problem, Pass pass) const {
  try {
    if (pass == Pass::kForward)
      return quality_of_name(onednn::forward_descriptor(engine_, problem).impl_info_str());
    if (pass == Pass::kInputGradient)
      return quality_of_name(onednn::input_gradient_descriptor(engine_, problem).impl_info_str());
    if (is_known_wrong(problem)) return Quality::kWrong;
    return weight_gradient_quality(engine_, problem);
  } catch (const dnnl::error&) {
    return Quality::kNone;
  }
}

Orders OneDnn::orders(const Problem& problem, Pass pass) const {
  const auto of = [](const Layout& x, const Layout& y) {
    return Orders{onednn::order_of(x), onednn::order_of(y)};
  };
  if (pass == Pass::kForward) {
    const auto forward = onednn::forward_descriptor(engine_, problem);
    return of(forward.src_desc(), forward.dst_desc());
  }
  if (pass == Pass::kInputGradient) {
    const auto backward = onednn::input_gradient_descriptor(engine_, problem);
    return of(backward.diff_src_desc(), backward.diff_dst_desc());
  }
  const auto backward = onednn::weight_gradient_descriptor(engine_, problem);
  return of(backward.src_desc(), backward.diff_dst_desc());
}

}  // namespace lucid
