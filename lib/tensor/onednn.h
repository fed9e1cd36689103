#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <string>

#include "tensor/shape.h"
#include "tensor/vector_set.h"

// oneDNN 2.x wraps a primitive's arguments in an "operation descriptor"; 3.x takes them directly,
// engine first, attributes last. Both agree on the order of the arguments themselves, so one call
// site serves both. The only version checks in the tree are here.
namespace lucid::onednn {

using Dims = dnnl::memory::dims;
using Layout = dnnl::memory::desc;
using Type = dnnl::memory::data_type;
constexpr auto kFloat = dnnl::memory::data_type::f32;
constexpr auto kBfloat16 = dnnl::memory::data_type::bf16;
constexpr auto kByte = dnnl::memory::data_type::u8;

#if DNNL_VERSION_MAJOR >= 3

inline Dims extents(const Layout& layout) { return layout.get_dims(); }
inline Dims padded_extents(const Layout& layout) { return layout.get_padded_dims(); }
inline Dims strides(const Layout& layout) { return layout.get_strides(); }
inline Dims inner_blocks(const Layout& layout) { return layout.get_inner_blks(); }
inline Dims inner_axes(const Layout& layout) { return layout.get_inner_idxs(); }
inline Type data_type(const Layout& layout) { return layout.get_data_type(); }
inline bool is_strided(const Layout& layout) {
  return layout.get_format_kind() == dnnl::memory::format_kind::blocked;
}

template <class Primitive, class... Arguments>
auto describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
              const Arguments&... arguments) {
  return typename Primitive::primitive_desc(engine, arguments..., attributes);
}
template <class Primitive, class Hint, class... Arguments>
auto describe_backward(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                       const Hint& forward, const Arguments&... arguments) {
  return typename Primitive::primitive_desc(engine, arguments..., forward, attributes);
}
inline void append_relu(dnnl::post_ops& operations, float slope) {
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, slope, 0.F);
}

#else

inline Dims extents(const Layout& layout) { return layout.dims(); }
inline Dims padded_extents(const Layout& layout) {
  return {layout.data.padded_dims, layout.data.padded_dims + layout.data.ndims};
}
inline Dims strides(const Layout& layout) {
  const auto& blocking = layout.data.format_desc.blocking;
  return {blocking.strides, blocking.strides + layout.data.ndims};
}
inline Dims inner_blocks(const Layout& layout) {
  const auto& blocking = layout.data.format_desc.blocking;
  return {blocking.inner_blks, blocking.inner_blks + blocking.inner_nblks};
}
inline Dims inner_axes(const Layout& layout) {
  const auto& blocking = layout.data.format_desc.blocking;
  return {blocking.inner_idxs, blocking.inner_idxs + blocking.inner_nblks};
}
inline Type data_type(const Layout& layout) { return layout.data_type(); }
inline bool is_strided(const Layout& layout) { return layout.data.format_kind == dnnl_blocked; }

template <class Primitive, class... Arguments>
auto describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
              const Arguments&... arguments) {
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), attributes,
                                            engine);
}
template <class Primitive, class Hint, class... Arguments>
auto describe_backward(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                       const Hint& forward, const Arguments&... arguments) {
  return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), attributes,
                                            engine, forward);
}
inline void append_relu(dnnl::post_ops& operations, float slope) {
  operations.append_eltwise(1.F, dnnl::algorithm::eltwise_relu, slope, 0.F);
}

#endif

// Returns the dense layout with the outermost axis first, as files, losses and users see tensors.
Layout plain_layout(const Dims& dims, Type type = kFloat);
Layout plain_layout(const Shape& shape);
Layout any_layout(const Dims& dims, Type type = kFloat);  // lets oneDNN choose

// The memory orders of (N, C, D, H, W) that our own kernels support.
enum class Order { kPlain, kBlocked8, kBlocked16, kChannelsLast };
std::optional<Order> order_of(const Layout& layout);  // ignores the type; empty for any other order
Layout ordered_layout(const Dims& dims, Order order, Type type = kFloat);
// Returns the layout with another type and the same order, or plain if the order is not one of
// these.
Layout typed_layout(const Layout& layout, Type type);

// Returns the processor's instruction set, possibly limited by ONEDNN_MAX_CPU_ISA: "AVX2".
std::string instruction_set_name();
bool has_bfloat16();     // AVX512_BF16, alone or with AMX
bool has_matrix_unit();  // AMX
bool has_vnni();         // AVX512_VNNI

Shape shape_of(const Layout& layout);
bool is_plain(const Layout& layout);

// Returns the bytes of all elements, including the padding of blocks. A part of a larger buffer
// counts without the rest.
std::size_t content_bytes(const Layout& layout);

// Returns "16x8x10x10x10 aBcde16b": the extents and the order in memory, blocked axes in capitals
// as in oneDNN; " bf16" is appended if the type is bfloat16.
std::string layout_text(const Layout& layout);

}  // namespace lucid::onednn
