#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "kernels/convolution/winograd.h"
#include "layers/convolution/problems.h"
#include "layers/convolution/routes.h"

// Which route each pass of a convolution takes, on three machines, whichever this one is: a Zen 4
// with AVX-512, with AVX2, and one with neither.
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

const std::vector<Row> kRows = {
    {"a first layer",
     conv_problem(1, 16, 3, 32),
     kNative,
     kNative,
     {"first_layer / small_channel / first_layer", "first_layer / small_channel / first_layer",
      "onednn / onednn / blocked_gradient"}},
    {"a first layer of short rows",
     conv_problem(1, 16, 3, 16),
     kNative,
     kNative,
     {"onednn / small_channel / first_layer", "first_layer / small_channel / first_layer",
      "onednn / onednn / onednn"}},
    {"a strided first layer",
     conv_problem(1, 32, 5, 32, 2),
     kNative,
     kNative,
     {"first_layer / onednn / first_layer", "first_layer / onednn / first_layer",
      "onednn / onednn / onednn"}},
    {"a strided first layer of few taps",
     conv_problem(1, 32, 3, 32, 2),
     kNative,
     kNative,
     {"onednn / onednn / onednn", "onednn / onednn / blocked_gradient",
      "onednn / onednn / onednn"}},
    {"few to few channels",
     conv_problem(8, 8, 3, 64),
     kNative,
     kNative,
     {"onednn / small_channel / small_channel", "small_channel / small_channel / small_channel",
      "onednn / onednn / blocked_gradient"}},
    {"half a vector of channels, or a vector of AVX2",
     conv_problem(8, 16, 3, 16),
     kNative,
     kNative,
     {"winograd_3d / small_channel / winograd_3d", "winograd_3d / winograd_3d / winograd_3d",
      "onednn / onednn / onednn"}},
    {"many channels",
     conv_problem(32, 32, 3, 32),
     kNative,
     kNative,
     {"winograd_3d / winograd_3d / winograd_3d", "winograd_3d / winograd_3d / winograd_3d",
      "onednn / onednn / blocked_gradient"}},
    {"many channels, kernels of 1x3x3",
     flat(conv_problem(32, 32, 3, 32)),
     kNative,
     kNative,
     {"winograd / winograd / winograd", "winograd / winograd / winograd",
      "onednn / onednn / blocked_gradient"}},
    {"many channels of few voxels",
     conv_problem(64, 64, 3, 6),
     kNative,
     kNative,
     {"onednn / onednn / onednn", "onednn / onednn / blocked_gradient",
      "onednn / onednn / onednn"}},
    {"many channels, kernels of 5",
     conv_problem(32, 32, 5, 16),
     kNative,
     kNative,
     {"onednn / onednn / onednn", "onednn / onednn / blocked_gradient",
      "onednn / onednn / onednn"}},
    {"a head",
     conv_problem(32, 3, 1, 32),
     kNative,
     kNative,
     {"pointwise / pointwise / pointwise", "pointwise / pointwise / pointwise",
      "pointwise / pointwise / pointwise"}},
    {"1x1x1 to many",
     conv_problem(32, 32, 1, 32),
     kNative,
     kNative,
     {"onednn / onednn / blocked_gradient", "onednn / onednn / blocked_gradient",
      "onednn / onednn / blocked_gradient"}},
    {"strided",
     conv_problem(32, 64, 3, 32, 2),
     kGemm,
     kNative,
     {"onednn / subpixel_by_phase / onednn", "onednn / subpixel_by_phase / blocked_gradient",
      "onednn / subpixel_by_phase / onednn"}},
    {"strided, native gradient",
     conv_problem(32, 64, 3, 32, 2),
     kNative,
     kNative,
     {"onednn / onednn / onednn", "onednn / onednn / blocked_gradient",
      "onednn / onednn / onednn"}},
    {"few voxels of many samples",
     of_samples(conv_problem(64, 64, 3, 2), 32),
     kNative,
     kNative,
     {"small_volume / small_volume / small_volume", "small_volume / small_volume / small_volume",
      "onednn / onednn / onednn"}},
    {"strided, of many samples",
     of_samples(conv_problem(32, 64, 3, 14, 2), 32),
     kNative,
     kNative,
     {"onednn / onednn / small_volume", "onednn / onednn / small_volume",
      "onednn / onednn / onednn"}},
    {"strided to few voxels, of many samples",
     of_samples(conv_problem(64, 64, 3, 8, 2), 32),
     kGemm,
     kNative,
     {"onednn / small_volume / small_volume", "onednn / small_volume / small_volume",
      "onednn / subpixel_by_phase / onednn"}},
    {"dilated",
     dilated(conv_problem(32, 32, 3, 32)),
     kGemm,
     kGemm,
     {"winograd_3d / winograd_3d / winograd_3d", "winograd_3d / winograd_3d / winograd_3d",
      "onednn / onednn / blocked_gradient"}},
    {"depthwise",
     conv_problem(32, 32, 3, 32, 1, 32),
     kGemm,
     kGemm,
     {"depthwise / depthwise / depthwise", "depthwise / depthwise / depthwise",
      "depthwise / depthwise / depthwise"}},
    {"groups of blocks",
     conv_problem(64, 64, 3, 16, 1, 4),
     kNative,
     kNative,
     {"onednn / onednn / onednn", "onednn / onednn / blocked_gradient",
      "onednn / onednn / onednn"}},
    {"groups that fit no blocks",
     conv_problem(24, 24, 3, 16, 1, 2),
     kNative,
     kNative,
     {"onednn / onednn / onednn", "onednn / onednn / onednn_padded", "onednn / onednn / onednn"}},
    {"up by kernels of 2",
     up_problem(32, 16, 2, 16),
     kNative,
     kNative,
     {"subpixel / subpixel / subpixel", "subpixel / subpixel / subpixel",
      "subpixel / subpixel / subpixel"}},
    {"up by kernels of 3",
     up_problem(32, 16, 3, 16),
     kNative,
     kNative,
     {"subpixel_by_phase / subpixel_by_phase / subpixel_by_phase",
      "subpixel_by_phase / subpixel_by_phase / subpixel_by_phase",
      "subpixel_by_phase / subpixel_by_phase / subpixel_by_phase"}},
    {"bfloat16",
     in_bfloat16(conv_problem(32, 32, 3, 32)),
     kNative,
     kNative,
     {"winograd_3d / winograd_3d / winograd_3d", "winograd_3d / winograd_3d / winograd_3d",
      "onednn / onednn / onednn"}},
    {"up in bfloat16",
     in_bfloat16(up_problem(32, 16, 3, 16)),
     kNative,
     kNative,
     {"subpixel / subpixel / subpixel", "subpixel / subpixel / subpixel",
      "subpixel / subpixel / subpixel"}}};

std::string routes_of(const Row& row, VectorSet vectors) {
  const RecordedLibrary library(vectors, row.input_gradient, row.weight_gradient);
  const Machine machine{vectors, 2, &library, thresholds_of({"AuthenticAMD", 25, 0x11}, vectors)};
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
  for (const Row& row : kRows)
    for (std::size_t i = 0; i < machines.size(); ++i) {
      CAPTURE(row.name);
      CAPTURE(i);
      CHECK(routes_of(row, machines[i]) == row.routes[i]);
    }
}

TEST_CASE("one table has every route that there is") {
  for (const Route& route : convolution_routes().list()) {
    bool is_taken = false;
    for (const Row& row : kRows)
      for (const std::string& routes : row.routes)
        is_taken = is_taken || (" " + routes + " ").find(std::string(" ") + route.name + " ") !=
                                   std::string::npos;
    INFO(route.name);
    CHECK(is_taken);
  }
}

}  // namespace lucid::test
