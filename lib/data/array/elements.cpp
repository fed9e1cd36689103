#include "data/array/elements.h"

#include <cassert>
#include <type_traits>

namespace lucid {
namespace {

template <class T>
void convert_run(const T* from, std::int64_t stride, std::int64_t count, float* to) {
  if (stride == 1) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]);
  } else {
    for (std::int64_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i * stride]);
  }
}

// Merges axes that are contiguous in storage, so that a plain volume becomes one run.
VoxelView merged(const VoxelView& view) {
  VoxelView result;
  result.offset = view.offset;
  std::size_t at = 4;  // the outermost axis in use
  for (std::size_t axis = 4; axis-- > 0;) {
    if (view.extents[axis] == 1) continue;
    if (at < 4 && view.strides[axis] == result.strides[at] * result.extents[at]) {
      result.extents[at] *= view.extents[axis];
      continue;
    }
    --at;
    result.extents[at] = view.extents[axis];
    result.strides[at] = view.strides[axis];
  }
  return result;
}

}  // namespace

std::size_t element_bytes(ElementType type) {
  return with_element(type, [](auto element) { return sizeof(element); });
}

bool is_integer(ElementType type) {
  return with_element(type, [](auto element) { return std::is_integral_v<decltype(element)>; });
}

std::string element_name(ElementType type) {
  const std::string bits = std::to_string(8 * element_bytes(type));
  if (!is_integer(type)) return "float" + bits;
  const bool is_signed =
      with_element(type, [](auto element) { return std::is_signed_v<decltype(element)>; });
  return (is_signed ? "int" : "uint") + bits;
}

void gather_floats(ElementType type, const std::byte* stored, const VoxelView& whole,
                   std::span<float> out) {
  const VoxelView view = merged(whole);
  const std::int64_t run = view.extents[3];
  with_element(type, [&](auto element) {
    const auto* first = reinterpret_cast<const decltype(element)*>(stored) + view.offset;
    float* to = out.data();
    for (std::int64_t i = 0; i < view.extents[0]; ++i)
      for (std::int64_t j = 0; j < view.extents[1]; ++j)
        for (std::int64_t k = 0; k < view.extents[2]; ++k, to += run)
          convert_run(first + i * view.strides[0] + j * view.strides[1] + k * view.strides[2],
                      view.strides[3], run, to);
    assert(to == out.data() + out.size());
  });
}

}  // namespace lucid
