#include "tensor/onednn.h"

#include <algorithm>
#include <numeric>

#include "tensor/cpu_isa.h"

namespace lucid::onednn {

Layout plain_layout(const Dims& dims, Type type) {
  Dims strides(dims.size(), 1);
  for (std::size_t axis = dims.size(); axis-- > 1;)
    strides[axis - 1] = checked_product(strides[axis], dims[axis]);
  return {dims, type, strides};
}

Layout plain_layout(const Shape& shape) {
  return plain_layout(shape.rank() == 0 ? Dims{1} : Dims(shape.extents()));
}

Layout any_layout(const Dims& dims, Type type) {
  return {dims, type, dnnl::memory::format_tag::any};
}

Layout ordered_layout(const Dims& dims, Order order, Type type) {
  using Tag = dnnl::memory::format_tag;
  switch (order) {
    case Order::kPlain:
      return plain_layout(dims, type);
    case Order::kBlocked8:
      return {dims, type, Tag::nCdhw8c};
    case Order::kBlocked16:
      return {dims, type, Tag::nCdhw16c};
    case Order::kChannelsLast:
      return {dims, type, Tag::ndhwc};
  }
  return {};
}

Layout typed_layout(const Layout& layout, Type type) {
  if (data_type(layout) == type) return layout;
  const auto order = order_of(layout);
  return order ? ordered_layout(extents(layout), *order, type)
               : plain_layout(extents(layout), type);
}

std::optional<Order> order_of(const Layout& layout) {
  const Dims dims = extents(layout);
  if (dims.size() != 5) return std::nullopt;
  for (const Order order :
       {Order::kPlain, Order::kBlocked8, Order::kBlocked16, Order::kChannelsLast})
    if (layout == ordered_layout(dims, order, data_type(layout))) return order;
  return std::nullopt;
}

std::string instruction_set_name() {
  using dnnl::cpu_isa;
  const cpu_isa isa = dnnl::get_effective_cpu_isa();
  if (isa == cpu_isa::sse41) return "SSE4.1";
  if (isa == cpu_isa::avx) return "AVX";
  if (isa == cpu_isa::avx2) return "AVX2";
  if (isa == cpu_isa::avx512_core) return "AVX-512";
  if (isa == cpu_isa::avx512_core_vnni) return "AVX-512 VNNI";
  if (isa == cpu_isa::avx512_core_bf16) return "AVX-512 BF16";
  if (isa == cpu_isa::avx512_core_amx) return "AVX-512 AMX";
  return "CPU instruction set " + std::to_string(static_cast<int>(isa));
}

bool has_bfloat16() { return contains(dnnl::cpu_isa::avx512_core_bf16); }

bool has_matrix_unit() { return contains(dnnl::cpu_isa::avx512_core_amx); }

bool has_vnni() { return contains(dnnl::cpu_isa::avx512_core_vnni); }

Shape shape_of(const Layout& layout) { return Shape(extents(layout)); }

bool is_plain(const Layout& layout) {
  return layout == plain_layout(extents(layout), data_type(layout));
}

std::size_t content_bytes(const Layout& layout) {
  std::size_t bytes = dnnl::memory::data_type_size(data_type(layout));
  for (const std::int64_t extent : padded_extents(layout))
    bytes *= static_cast<std::size_t>(extent);
  return bytes;
}

std::string layout_text(const Layout& layout) {
  const Dims dims = extents(layout);
  std::string text = shape_of(layout).str() + " ";
  if (!is_strided(layout)) return text + "opaque";
  const Dims steps = strides(layout), blocks = inner_blocks(layout), axes = inner_axes(layout);
  std::vector<std::size_t> order(dims.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return steps[a] > steps[b]; });
  for (const std::size_t axis : order) {
    const bool is_blocked =
        std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(axis)) != axes.end();
    text += static_cast<char>((is_blocked ? 'A' : 'a') + static_cast<int>(axis));
  }
  for (std::size_t i = 0; i < blocks.size(); ++i)
    text += std::to_string(blocks[i]) + static_cast<char>('a' + static_cast<int>(axes[i]));
  return data_type(layout) == kBfloat16 ? text + " bf16" : text;
}

}  // namespace lucid::onednn
