#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "kernels/convolution/winograd.h"
#include "layers/convolution/routes.h"

// Which route each pass of a convolution takes, on three machines, whichever this one is.
namespace lucid::test {
namespace {

using onednn::Order;
using onednn::VectorSet;

constexpr Quality kNative = Quality::kNative, kGemm = Quality::kGemm;

// Stands for oneDNN with the answers that version 2.6.3 gave: native code for every pass but those
// that a row names, and blocked tensors where x fills a block.
class RecordedLibrary : public Library {
 public:
  RecordedLibrary(VectorSet vectors, Quality input_gradient, Quality weight_gradient)
      : vectors_(vectors), input_gradient_(input_gradient), weight_gradient_(weight_gradient) {}

  Quality quality(const Problem& p, Pass pass) const override {
    const bool is_product = p.groups == winograd::kTileElements || p.origin == Origin::kPolyphase;
    if (is_product || pass == Pass::kForward) return kNative;
    if (pass == Pass::kInputGradient) return input_gradient_;
    // On AVX2 the native weight gradient refuses padding along the depth.
    const bool is_refused = vectors_ == VectorSet::kAvx2 && (p.pad_low[0] > 0 || p.inputs() <= 4);
    return is_refused ? kGemm : weight_gradient_;
  }

  Orders orders(const Problem& p, Pass) const override {
    const Order blocks = vectors_ == VectorSet::kAvx512 ? Order::kBlocked16 : Order::kBlocked8;
    const std::int64_t lanes = blocks == Order::kBlocked16 ? 16 : 8;
    return {p.inputs() < lanes ? Order::kPlain : blocks, blocks};
  }

 private:
  VectorSet vectors_;
  Quality input_gradient_, weight_gradient_;
};

struct Row {
  std::string name;
  Problem problem;
  Quality input_gradient = kNative, weight_gradient = kNative;
  // "forward / input gradient / weight gradient" with AVX-512, AVX2 and neither.
  std::array<std::string, 3> routes{};
};

Problem conv(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel, std::int64_t voxels,
             std::int64_t stride = 1, std::int64_t groups = 1) {
  const std::int64_t padding = kernel / 2, out = (voxels + 2 * padding - kernel) / stride + 1;
  return {.groups = groups,
          .group_inputs = inputs / groups,
          .group_outputs = outputs / groups,
          .input = {voxels, voxels, voxels},
          .output = {out, out, out},
          .kernel = {kernel, kernel, kernel},
          .stride = {stride, stride, stride},
          .pad_low = {padding, padding, padding},
          .pad_high = {padding, padding, padding},
          .has_bias = true,
          .is_training = true};
}

Problem up(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel, std::int64_t voxels) {
  Problem p = conv(inputs, outputs, kernel, voxels);
  p.stride = {2, 2, 2};
  p.pad_low = p.pad_high = {};
  const std::int64_t out = (voxels - 1) * 2 + kernel;
  p.output = {out, out, out};
  p.is_transposed = true;
  return p;
}

Problem dilated(Problem p) {
  p.dilation = {2, 2, 2};
  for (std::size_t i = 0; i < 3; ++i) p.output[i] -= p.kernel[i] - 1;
  return p;
}

Problem in_bfloat16(Problem p) {
  p.read = p.written = p.input_gradient = onednn::kBfloat16;
  return p;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"a first layer", conv(1, 16, 3, 32), kNative, kNative, {}},
      {"a first layer of short rows", conv(1, 16, 3, 16), kNative, kNative, {}},
      {"few to few channels", conv(8, 8, 3, 64), kNative, kNative, {}},
      {"many channels", conv(32, 32, 3, 32), kNative, kNative, {}},
      {"many channels of few voxels", conv(64, 64, 3, 8), kNative, kNative, {}},
      {"many channels, kernels of 5", conv(32, 32, 5, 16), kNative, kNative, {}},
      {"a head", conv(32, 3, 1, 32), kNative, kNative, {}},
      {"1x1x1 to many", conv(32, 32, 1, 32), kNative, kNative, {}},
      {"strided", conv(32, 64, 3, 32, 2), kGemm, kNative, {}},
      {"strided, native gradient", conv(32, 64, 3, 32, 2), kNative, kNative, {}},
      {"dilated", dilated(conv(32, 32, 3, 32)), kGemm, kGemm, {}},
      {"depthwise", conv(32, 32, 3, 32, 1, 32), kGemm, kGemm, {}},
      {"groups of blocks", conv(64, 64, 3, 16, 1, 4), kNative, kNative, {}},
      {"up by kernels of 2", up(32, 16, 2, 16), kNative, kNative, {}},
      {"up by kernels of 3", up(32, 16, 3, 16), kNative, kNative, {}},
      {"bfloat16", in_bfloat16(conv(32, 32, 3, 32)), kNative, kNative, {}},
      {"up in bfloat16", in_bfloat16(up(32, 16, 3, 16)), kNative, kNative, {}}};
  return all;
}

std::string routes_of(const Row& row, VectorSet vectors) {
  const RecordedLibrary library(vectors, row.input_gradient, row.weight_gradient);
  const Machine machine{vectors, 2, &library};
  const Problem& p = row.problem;
  const Layout input = onednn::ordered_layout(
      p.x_extents(), library.orders(p, Pass::kForward).x.value_or(Order::kPlain), p.read);
  const Choice forward = convolution_routes().choose(p, Pass::kForward, {input, input}, machine);
  Layout x = input;
  if (forward.verdict.reads) x = onednn::ordered_layout(p.x_extents(), *forward.verdict.reads);
  std::string text = forward.route->name;
  for (const Pass pass : {Pass::kInputGradient, Pass::kWeightGradient})
    text +=
        std::string(" / ") + convolution_routes().choose(p, pass, {x, input}, machine).route->name;
  return text;
}

}  // namespace

TEST_CASE("every kind of convolution takes its routes on three machines") {
  const std::array machines = {VectorSet::kAvx512, VectorSet::kAvx2, VectorSet::kPortable};
  for (const Row& row : rows())
    for (std::size_t i = 0; i < machines.size(); ++i) {
      CAPTURE(row.name);
      CAPTURE(i);
      CHECK(routes_of(row, machines[i]) == row.routes[i]);
    }
}

TEST_CASE("one table has every route that there is") {
  for (const Route& route : convolution_routes().list()) {
    bool is_taken = false;
    for (const Row& row : rows())
      for (const std::string& routes : row.routes)
        is_taken = is_taken || (" " + routes + " ").find(std::string(" ") + route.name + " ") !=
                                   std::string::npos;
    INFO(route.name);
    CHECK(is_taken);
  }
}

}  // namespace lucid::test
