#include "layers/pool/max_pool3d.h"

#include <nlohmann/json.hpp>

#include "kernels/bytes/max_pool.h"
#include "kernels/pool/max_pool.h"
#include "layers/layer/elements.h"
#include "layers/layer/layers.h"
#include "layers/pool/pooled_relu.h"

namespace lucid {
namespace {

// We do not use oneDNN's max pooling: it reaches a tenth of the memory bandwidth on AVX2, supports
// dilation in its reference code only, and ignores NaN.
class MaxPool3D : public Layer {
 public:
  explicit MaxPool3D(const Window& window) : w_(window) {}

  Shape output_shape(std::span<const Shape> inputs) const override {
    return pooled_shape(w_, inputs[0]);
  }

  Cost cost(std::span<const Shape> inputs) const override {
    const auto outputs = static_cast<double>(output_shape(inputs).elements());
    return {.flops = outputs * static_cast<double>(w_.volume())};
  }

  std::optional<LayerReceptiveField> receptive_field(std::size_t axis) const override {
    return window_receptive_field(w_, axis);
  }
  Fusion fusion(std::span<const Shape>) const override {
    return {.folds_relu_backward = true,
            .is_pair_pool = is_pair_pool(),
            .reads_bfloat16 = true,
            .passes_bytes = true};
  }
  Backward compile(PlanBuilder& b) const override { return compile_max_pool(b, w_); }

 private:
  bool is_pair_pool() const {
    return w_.kernel == kPairWindow.kernel && w_.stride == kPairWindow.stride &&
           w_.dilation == kPairWindow.dilation && w_.pad_low == Triple{} && !w_.ceil_mode;
  }

  Window w_;
};

void record_of_bytes(PlanBuilder& b, const Window& window) {
  const Pooling p = pooling_of(b.layout(b.input()), window);
  const Value y = b.produce(p.out);
  b.host_step("max pool", "lucid:bytes", {reads(Slot::kX, b.input()), writes(Slot::kY, y)},
              [p](const StepArguments& step) {
                bytes::max_pool(p.geometry, p.from, p.to, step.in<std::uint8_t>(Slot::kX),
                                step.out<std::uint8_t>(Slot::kY));
              });
  b.set_output(y);
}

template <class Index>
HostFunction forward_step(const Pooling& p) {
  return with_element_type(p.in, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [p](const StepArguments& step) {
      max_pool_forward(p.geometry, p.from, p.to, step.in<Number>(Slot::kX),
                       step.out<Number>(Slot::kY), step.maybe_out<Index>(Slot::kIndices));
    };
  });
}

template <class Index>
HostFunction gradient_step(const Pooling& p, std::optional<float> relu_slope) {
  return with_element_type(p.in, [&](auto number) -> HostFunction {
    using Number = decltype(number);
    return [p, relu_slope](const StepArguments& step) {
      const PooledRelu<Number> relu{step.maybe<Number>(Slot::kY), relu_slope.value_or(0)};
      max_pool_backward(p.geometry, p.from, p.to, step.in<Index>(Slot::kIndices), relu,
                        step.in<Number>(Slot::kDy), step.out<Number>(Slot::kDx));
    };
  });
}

template <class Index>
Value record_gradient(PlanBuilder& b, const Pooling& p, Value y, Value index,
                      std::optional<float> relu_slope) {
  const Value dx = b.produce(p.in);
  std::vector<Argument> arguments{reads(Slot::kIndices, index),
                                  reads(Slot::kDy, b.output_gradient(p.out)),
                                  writes(Slot::kDx, dx)};
  if (relu_slope) arguments.push_back(reads(Slot::kY, y));
  b.host_step(relu_slope ? "max pool and relu gradient" : "max pool gradient", "lucid:max_pool",
              std::move(arguments), gradient_step<Index>(p, relu_slope));
  return dx;
}

template <class Index>
Backward compile_with(PlanBuilder& b, const Window& window, dnnl::memory::data_type index_type) {
  const Pooling p = pooling_of(b.layout(b.input()), window);
  const Value y = b.produce(p.out);
  std::vector<Argument> arguments{reads(Slot::kX, b.in_layout(b.input(), p.in)),
                                  writes(Slot::kY, y)};
  Value index;
  if (b.training()) {
    const auto values = element_count(p.out);
    index = b.produce(onednn::plain_layout({values}, index_type));
    arguments.push_back(updates(Slot::kIndices, index));
  }
  b.host_step("max pool", "lucid:max_pool", std::move(arguments), forward_step<Index>(p));
  b.set_output(y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    if (back.needs_input_gradient())
      back.set_input_gradient(record_gradient<Index>(back, p, y, index, back.folded_relu_slope()));
  };
}

}  // namespace

Value record_max_pool_gradient(PlanBuilder& b, const Pooling& pooling, Value y, Value index,
                               std::optional<float> relu_slope) {
  return record_gradient<std::uint8_t>(b, pooling, y, index, relu_slope);
}

Backward compile_max_pool(PlanBuilder& b, const Window& window) {
  if (b.reads_bytes()) {
    record_of_bytes(b, window);
    return {};
  }
  constexpr std::int64_t kByteIndices = 256;
  if (window.volume() <= kByteIndices) return compile_with<std::uint8_t>(b, window, onednn::kByte);
  return compile_with<std::int32_t>(b, window, dnnl::memory::data_type::s32);
}

std::unique_ptr<Layer> make_max_pool3d(JsonObject& object) {
  Window w = read_pool_window(object);
  w.dilation = object.triple("dilation", kStrideRange, Triple{1, 1, 1});
  object.only("return_indices", false);
  return std::make_unique<MaxPool3D>(w);
}

}  // namespace lucid
