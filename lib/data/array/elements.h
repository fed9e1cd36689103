#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace lucid {

// The types in which elements of datasets are held in memory, in this machine's byte order.
enum class ElementType {
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat32,
  kFloat64
};

// Calls call(T{}) with the C++ type of the elements.
template <class Call>
decltype(auto) with_element(ElementType type, Call&& call) {
  switch (type) {
    case ElementType::kInt8:
      return call(std::int8_t{});
    case ElementType::kInt16:
      return call(std::int16_t{});
    case ElementType::kInt32:
      return call(std::int32_t{});
    case ElementType::kInt64:
      return call(std::int64_t{});
    case ElementType::kUint8:
      return call(std::uint8_t{});
    case ElementType::kUint16:
      return call(std::uint16_t{});
    case ElementType::kUint32:
      return call(std::uint32_t{});
    case ElementType::kUint64:
      return call(std::uint64_t{});
    case ElementType::kFloat32:
      return call(float{});
    case ElementType::kFloat64:
      break;
  }
  return call(double{});
}

template <class T>
constexpr ElementType element_of() {
  if constexpr (std::same_as<T, float>) return ElementType::kFloat32;
  if constexpr (std::same_as<T, double>) return ElementType::kFloat64;
  constexpr bool kSigned = std::is_signed_v<T>;
  if constexpr (sizeof(T) == 1) return kSigned ? ElementType::kInt8 : ElementType::kUint8;
  if constexpr (sizeof(T) == 2) return kSigned ? ElementType::kInt16 : ElementType::kUint16;
  if constexpr (sizeof(T) == 4) return kSigned ? ElementType::kInt32 : ElementType::kUint32;
  return kSigned ? ElementType::kInt64 : ElementType::kUint64;
}

std::size_t element_bytes(ElementType type);
bool is_integer(ElementType type);
std::string element_name(ElementType type);  // "uint8", "float32"

// Describes where the voxels of one sample lie in a stored array: voxel (i, j, k, l) is element
// offset + i * strides[0] + j * strides[1] + ...
struct VoxelView {
  std::int64_t offset = 0;
  std::array<std::int64_t, 4> extents{1, 1, 1, 1};
  std::array<std::int64_t, 4> strides{0, 0, 0, 0};
};

// Converts the elements of the view to float32, rounded to nearest, in row-major order.
void gather_floats(ElementType type, const std::byte* stored, const VoxelView& view,
                   std::span<float> out);

}  // namespace lucid
