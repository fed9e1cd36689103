#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/bytes/convolution.h"
#include "tensor/parallel.h"

namespace lucid::bytes {
namespace {

constexpr std::int64_t kLanes = 16, kQuad = 4;
constexpr float kLargest = 127;  // of a weight in bytes

// The weights of one output of one phase.
class OutputWeights {
 public:
  OutputWeights(const Convolution& c, std::span<const float> weight, std::int64_t phase,
                std::int64_t output)
      : c_(c), weight_(weight), phase_(phase), output_(output) {
    for (std::int64_t input = 0; input < c.inputs; ++input)
      for (std::int64_t tap = 0; tap < window_taps(); ++tap)
        largest_ = std::max(largest_, std::abs(at(input, tap)));
  }

  float scale() const { return largest_ > 0 ? largest_ / kLargest : 1.F; }
  std::int32_t byte(std::int64_t input, std::int64_t tap) const {
    return static_cast<std::int32_t>(
        std::clamp(std::nearbyint(at(input, tap) / scale()), -kLargest, kLargest));
  }

 private:
  std::int64_t window_taps() const { return c_.is_transposed ? 1 : c_.taps(); }
  float at(std::int64_t input, std::int64_t tap) const {
    const std::int64_t index = c_.is_transposed
                                   ? (input * c_.outputs + output_) * c_.taps() + phase_
                                   : (output_ * c_.inputs + input) * c_.taps() + tap;
    return weight_[static_cast<std::size_t>(index)];
  }

  const Convolution& c_;
  std::span<const float> weight_;
  std::int64_t phase_, output_;
  float largest_ = 0;
};

// Calls visit(input, tap, place among the bytes of one output) for every weight of an output, in
// the order in which tiles read them.
template <class Visit>
void for_each_weight(const Convolution& c, const Visit& visit) {
  const Triple window = c.window();
  const std::int64_t columns = c.has_whole_rows() ? 1 : window[2];
  for (std::int64_t segment = 0; segment < c.segment_count(); ++segment) {
    const std::int64_t block = segment % c.input_blocks(), tap = segment / c.input_blocks();
    for (std::int64_t i = 0; i < c.segment_bytes(); ++i) {
      const std::int64_t input = block * c.lanes + i % c.lanes;
      const std::int64_t of_window = columns == 1 ? tap * window[2] + i / c.lanes : tap;
      if (input < c.inputs) visit(input, of_window, segment * c.quads() * kQuad + i);
    }
  }
}

}  // namespace

PackedWeights::PackedWeights(const Convolution& c)
    : weight_bytes(c.phases() * c.output_blocks() * c.block_bytes()),
      padded_outputs(c.phases() * c.output_blocks() * kLanes) {}

void pack_weights(const Convolution& c, std::span<const float> weight, ByteScale x, float y_scale,
                  std::uint8_t* packed) {
  const PackedWeights places(c);
  std::memset(packed, 0, static_cast<std::size_t>(places.bytes()));
  auto* const starts = reinterpret_cast<std::int32_t*>(packed + places.start_offset());
  auto* const scales = reinterpret_cast<float*>(packed + places.scale_offset());
  parallel_for(c.phases() * c.outputs, [&](std::int64_t i) {
    const std::int64_t phase = i / c.outputs, output = i % c.outputs;
    const OutputWeights weights(c, weight, phase, output);
    const std::int64_t block = phase * c.output_blocks() + output / kLanes, lane = output % kLanes;
    std::uint8_t* const to = packed + block * c.block_bytes() + lane * kQuad;
    std::int32_t sum = 0;
    for_each_weight(c, [&](std::int64_t input, std::int64_t tap, std::int64_t at) {
      const std::int32_t byte = weights.byte(input, tap);
      to[at / kQuad * kLanes * kQuad + at % kQuad] =
          static_cast<std::uint8_t>(static_cast<std::int8_t>(byte));
      sum += byte;
    });
    starts[block * kLanes + lane] = -x.zero * sum;
    scales[block * kLanes + lane] = weights.scale() * x.scale / y_scale;
  });
}

void pack_bias(const Convolution& c, std::span<const float> bias, float y_scale, float* packed) {
  for (std::int64_t i = 0; i < c.output_blocks() * kLanes; ++i)
    packed[i] = i < c.outputs ? bias[static_cast<std::size_t>(i)] / y_scale : 0.F;
}

}  // namespace lucid::bytes
