#include "layers/max_pool3d.h"

#include <nlohmann/json.hpp>

#include "kernels/max_pool.h"
#include "layers/window.h"

namespace lucid {
namespace {

ChannelGroups groups_of(const Layout& layout, std::int64_t block) {
  const Shape shape = onednn::shape_of(layout);
  const std::int64_t groups = (shape[1] + block - 1) / block,
                     volume = shape[2] * shape[3] * shape[4] * block;
  return {.samples = shape[0],
          .groups = groups,
          .lanes = block,
          .sample_stride = groups * volume,
          .group_stride = volume,
          .voxel_stride = {shape[3] * shape[4] * block, shape[4] * block, block}};
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
  const std::int64_t known = onednn::channel_block(b.layout(b.input())),
                     block = known == 0 ? 1 : known;
  const Layout in_layout = onednn::channel_blocked_layout(in.extents(), block);
  const Layout out_layout =
      onednn::channel_blocked_layout({in[0], in[1], out[0], out[1], out[2]}, block);
  const PoolGeometry geometry{{in[2], in[3], in[4]}, out,       w_.kernel, w_.stride,
                              w_.dilation,           w_.pad_low};
  const ChannelGroups from = groups_of(in_layout, block), to = groups_of(out_layout, block);

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
