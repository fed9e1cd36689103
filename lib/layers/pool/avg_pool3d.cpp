#include "layers/pool/avg_pool3d.h"

#include <nlohmann/json.hpp>

#include "layers/layer/layers.h"
#include "layers/pool/pooling.h"

namespace lucid {
namespace {

class AvgPool3D : public Layer {
 public:
  AvgPool3D(const Window& window, const AveragePool& pool) : w_(window), pool_(pool) {}

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
  Backward compile(PlanBuilder& b) const override { return compile_avg_pool(b, w_, pool_); }

 private:
  Window w_;
  AveragePool pool_;
};

}  // namespace

Backward compile_avg_pool(PlanBuilder& b, const Window& window, AveragePool pool) {
  const Pooling p = pooling_of(b.layout(b.input()), window);
  pool.geometry = p.geometry;
  const Value y = b.produce(p.out);
  b.host_step("average pool", "lucid:avg_pool",
              {reads(Slot::kX, b.in_layout(b.input(), p.in)), writes(Slot::kY, y)},
              [=](const StepArguments& step) {
                avg_pool_forward(pool, p.from, p.to, step.in(Slot::kX), step.out(Slot::kY));
              });
  b.set_output(y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    if (!back.needs_input_gradient()) return;
    const Value dx = back.produce(p.in);
    back.host_step("average pool gradient", "lucid:avg_pool",
                   {reads(Slot::kDy, back.output_gradient(p.out)), writes(Slot::kDx, dx)},
                   [=](const StepArguments& step) {
                     avg_pool_backward(pool, p.from, p.to, step.in(Slot::kDy), step.out(Slot::kDx));
                   });
    back.set_input_gradient(dx);
  };
}

std::unique_ptr<Layer> make_avg_pool3d(JsonObject& object) {
  constexpr IntegerRange kDivisors{1, 1 << 24};  // exact as floats
  const Window window = read_pool_window(object);
  AveragePool pool;
  if (!object.boolean("count_include_pad", true)) pool.divisor = PoolDivisor::kInside;
  if (object.has("divisor_override")) {
    pool.divisor = PoolDivisor::kFixed;
    pool.fixed_divisor = static_cast<float>(object.integer("divisor_override", kDivisors));
  }
  return std::make_unique<AvgPool3D>(window, pool);
}

}  // namespace lucid
