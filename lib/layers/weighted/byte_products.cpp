#include "layers/weighted/byte_products.h"

#include <omp.h>

#include "layers/layer/byte_values.h"

namespace lucid {
namespace {

using bytes::Convolution;

std::size_t count_of(const onednn::Dims& extents) { return Shape(extents).count(); }

Value packed_weight(PlanBuilder& b, const Convolution& c, const onednn::Dims& extents,
                    float y_scale) {
  const Value weight = b.parameter("weight", onednn::plain_layout(extents));
  return b.made_of_parameters(
      "weight in bytes", weight,
      onednn::plain_layout({bytes::PackedWeights(c).bytes()}, onednn::kByte),
      [c, y_scale, count = count_of(extents), x = b.input_scale()](const StepArguments& step) {
        bytes::pack_weights(c, {step.in(Slot::kX), count}, x, y_scale,
                            step.out<std::uint8_t>(Slot::kY));
      });
}

Value packed_bias(PlanBuilder& b, const Convolution& c, float y_scale) {
  const Value bias = b.parameter("bias", onednn::plain_layout(onednn::Dims{c.outputs}));
  constexpr std::int64_t kLanes = 16;
  return b.made_of_parameters(
      "bias for bytes", bias, onednn::plain_layout(onednn::Dims{c.output_blocks() * kLanes}),
      [c, y_scale](const StepArguments& step) {
        bytes::pack_bias(c, {step.in(Slot::kX), static_cast<std::size_t>(c.outputs)}, y_scale,
                         step.out(Slot::kY));
      });
}

// Blocks of 16 channels, as the kernel stores them, or plain where it computes single voxels.
Layout output_layout(const Convolution& c, const onednn::Dims& y, onednn::Type type) {
  return c.has_plain_output ? onednn::plain_layout(y, type)
                            : onednn::ordered_layout(y, onednn::Order::kBlocked16, type);
}

HostFunction product(const Convolution& c, const PlanBuilder& b, int threads) {
  bytes::Operands known{.x_scale = b.input_scale(), .slope = b.relu_follows() ? b.relu_slope() : 1};
  if (b.output_bytes()) known.y_zero = b.output_bytes()->zero;
  return [=, has_bytes = b.output_bytes().has_value()](const StepArguments& step) {
    bytes::Operands o = known;
    o.x = step.in<std::uint8_t>(Slot::kX);
    o.weights = step.in<std::uint8_t>(Slot::kWeight);
    o.bias = step.maybe(Slot::kBias);
    if (has_bytes)
      o.y_bytes = step.out<std::uint8_t>(Slot::kY);
    else
      o.y_floats = step.out(Slot::kY);
    bytes::convolve(c, o, threads, step.out<std::uint8_t>(Slot::kScratchpad));
  };
}

}  // namespace

void record_byte_product(PlanBuilder& b, const std::string& what, Convolution c,
                         const onednn::Dims& weight, bool has_bias, const onednn::Dims& y) {
  const Value x = b.in_layout(b.input(), byte_layout(b.layout(b.input())));
  const bool is_blocked = onednn::order_of(b.layout(x)) == onednn::Order::kBlocked16;
  c.lanes = is_blocked ? c.lanes : c.inputs;
  const int threads = omp_get_max_threads();
  const float y_scale = b.output_bytes() ? b.output_bytes()->scale : 1;
  const Value to =
      b.produce(output_layout(c, y, b.output_bytes() ? onednn::kByte : onednn::kFloat));
  std::vector<Argument> arguments{reads(Slot::kX, x),
                                  reads(Slot::kWeight, packed_weight(b, c, weight, y_scale)),
                                  writes(Slot::kY, to)};
  if (has_bias || b.norm_is_folded())
    arguments.push_back(reads(Slot::kBias, packed_bias(b, c, y_scale)));
  const Value scratch =
      b.produce(onednn::plain_layout({bytes::scratch_bytes(c, threads)}, onednn::kByte));
  arguments.push_back(writes(Slot::kScratchpad, scratch));
  b.product_step(b.with_followers(what), "lucid:bytes", std::move(arguments),
                 product(c, b, threads));
  b.set_output(to);
}

}  // namespace lucid
