#include "layers/pool/pooling.h"

#include <nlohmann/json.hpp>

namespace lucid {

Pooling pooling_of(const Layout& input, const Window& w) {
  const Shape in = onednn::shape_of(input);
  const Triple size{in[2], in[3], in[4]}, out = output_extents(w, size);
  const onednn::Order order = onednn::order_of(input).value_or(onednn::Order::kPlain);
  const Shape pooled{in[0], in[1], out[0], out[1], out[2]};
  const onednn::Type type = onednn::data_type(input);
  return {.in = onednn::ordered_layout(in.extents(), order, type),
          .out = onednn::ordered_layout(pooled.extents(), order, type),
          .geometry = {size, out, w.kernel, w.stride, w.dilation, w.pad_low},
          .from = groups_of(in, order),
          .to = groups_of(pooled, order)};
}

Shape pooled_shape(const Window& window, const Shape& input) {
  const Triple out = output_extents(window, spatial_extents(input));
  return {input[0], out[0], out[1], out[2]};
}

Window read_pool_window(JsonObject& object) {
  Window w{};
  w.kernel = object.triple("kernel_size", kKernelRange);
  w.stride = object.triple("stride", kStrideRange, w.kernel);
  w.pad_low = w.pad_high = object.triple("padding", kPaddingRange, Triple{0, 0, 0});
  w.dilation = {1, 1, 1};
  w.ceil_mode = object.boolean("ceil_mode", false);
  for (std::size_t axis = 0; axis < 3 && object.is_sound(); ++axis)
    if (2 * w.pad_low[axis] > w.kernel[axis])
      object.error("padding", "expected at most half of the kernel " + triple_text(w.kernel) +
                                  ", found " + triple_text(w.pad_low));
  return w;
}

}  // namespace lucid
