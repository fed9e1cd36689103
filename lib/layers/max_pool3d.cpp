#include "layers/max_pool3d.h"

#include <nlohmann/json.hpp>

#include "kernels/max_pool.h"
#include "layers/window.h"

namespace lucid {
namespace {

using onednn::Order;

// Neighbouring channels that the kernel takes as one.
std::int64_t lanes_of(Order order, std::int64_t channels) {
  if (order == Order::kBlocked8) return 8;
  if (order == Order::kBlocked16) return 16;
  if (order == Order::kPlain) return 1;
  return channels % 16 == 0 ? 16 : channels % 8 == 0 ? 8 : 1;
}

ChannelGroups groups_of(const Shape& shape, Order order) {
  const std::int64_t lanes = lanes_of(order, shape[1]), groups = (shape[1] + lanes - 1) / lanes;
  const std::int64_t volume = shape[2] * shape[3] * shape[4];
  // From one voxel to the next: past the group's lanes, or past all channels.
  const bool is_last = order == Order::kChannelsLast;
  const std::int64_t step = is_last ? shape[1] : lanes;
  return {.samples = shape[0],
          .groups = groups,
          .lanes = lanes,
          .sample_stride = groups * lanes * volume,
          .group_stride = is_last ? lanes : lanes * volume,
          .voxel_stride = {shape[3] * shape[4] * step, shape[4] * step, step}};
}

// oneDNN's pooling reaches a tenth of the memory's speed on AVX2, knows no dilation outside its
// reference code, and lets no NaN win.
class MaxPool3D : public Layer {
 public:
  explicit MaxPool3D(const Window& window) : w_(window) {}

  Shape output_shape(std::span<const Shape> inputs) const override {
    const Triple out = output_extents(w_, spatial_extents(inputs[0]));
    return {inputs[0][0], out[0], out[1], out[2]};
  }

  double flops(std::span<const Shape> inputs) const override {
    return static_cast<double>(output_shape(inputs).elements()) * static_cast<double>(w_.volume());
  }

  Backward compile(PlanBuilder& b) const override {
    constexpr std::int64_t kByteIndices = 256;
    if (w_.volume() <= kByteIndices) return compile_with<std::uint8_t>(b, onednn::kByte);
    return compile_with<std::int32_t>(b, dnnl::memory::data_type::s32);
  }

 private:
  template <class Index>
  Backward compile_with(PlanBuilder& b, dnnl::memory::data_type index_type) const;

  Window w_;
};

template <class Index>
Backward MaxPool3D::compile_with(PlanBuilder& b, dnnl::memory::data_type index_type) const {
  const Shape in = onednn::shape_of(b.layout(b.input()));
  const Triple out = output_extents(w_, {in[2], in[3], in[4]});
  const Order order = onednn::order_of(b.layout(b.input())).value_or(Order::kPlain);
  const Shape pooled{in[0], in[1], out[0], out[1], out[2]};
  const Layout in_layout = onednn::ordered_layout(in.extents(), order);
  const Layout out_layout = onednn::ordered_layout(pooled.extents(), order);
  const PoolGeometry geometry{{in[2], in[3], in[4]}, out,       w_.kernel, w_.stride,
                              w_.dilation,           w_.pad_low};
  const ChannelGroups from = groups_of(in, order), to = groups_of(pooled, order);

  const Value y = b.produce(out_layout);
  std::vector<Argument> arguments{{DNNL_ARG_SRC, b.in_layout(b.input(), in_layout)},
                                  {DNNL_ARG_DST, y}};
  Value index;
  if (b.training()) {
    const auto values = static_cast<std::int64_t>(out_layout.get_size() / sizeof(float));
    index = b.produce(onednn::plain_layout({values}, index_type));
    arguments.push_back({DNNL_ARG_WORKSPACE, index});
  }
  b.host_step("max pool", "lucid:max_pool", std::move(arguments),
              [=](std::span<void* const> storage) {
                max_pool_forward(geometry, from, to, static_cast<const float*>(storage[0]),
                                 static_cast<float*>(storage[1]),
                                 storage.size() > 2 ? static_cast<Index*>(storage[2]) : nullptr);
              });
  b.set_output(y);
  if (!b.training()) return {};
  return [=](PlanBuilder& back) {
    if (!back.needs_input_gradient()) return;
    const Value dx = back.produce(in_layout);
    back.host_step("max pool gradient", "lucid:max_pool",
                   {{DNNL_ARG_WORKSPACE, index},
                    {DNNL_ARG_DIFF_DST, back.output_gradient(out_layout)},
                    {DNNL_ARG_DIFF_SRC, dx}},
                   [=](std::span<void* const> storage) {
                     max_pool_backward(geometry, from, to, static_cast<const Index*>(storage[0]),
                                       static_cast<const float*>(storage[1]),
                                       static_cast<float*>(storage[2]));
                   });
    back.set_input_gradient(dx);
  };
}

}  // namespace

std::unique_ptr<Layer> make_max_pool3d(JsonObject& object) {
  Window w{};
  w.kernel = object.triple("kernel_size", kKernelRange);
  w.stride = object.triple("stride", kStrideRange, w.kernel);
  w.pad_low = w.pad_high = object.triple("padding", kPaddingRange, Triple{0, 0, 0});
  w.dilation = object.triple("dilation", kStrideRange, Triple{1, 1, 1});
  w.ceil_mode = object.boolean("ceil_mode", false);
  object.only("return_indices", false);
  for (std::size_t axis = 0; axis < 3 && object.is_sound(); ++axis)
    if (2 * w.pad_low[axis] > w.kernel[axis])
      object.problem("padding", "expected at most half of the kernel " + triple_text(w.kernel) +
                                    ", found " + triple_text(w.pad_low));
  return std::make_unique<MaxPool3D>(w);
}

}  // namespace lucid
