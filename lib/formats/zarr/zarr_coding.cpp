#include "formats/zarr/zarr_coding.h"

#include <bit>

#include "base/error.h"
#include "tensor/shape.h"

namespace lucid {
namespace {

struct NamedNumbers {
  const char *v2, *v3;
  NumberCoding numbers;
};

// A half is read as float32, a bool as uint8.
const std::vector<NamedNumbers>& known_numbers() {
  static const std::vector<NamedNumbers> known = {
      {"b1", "bool", {.stored = ElementType::kUint8}},
      {"i1", "int8", {.stored = ElementType::kInt8}},
      {"i2", "int16", {.stored = ElementType::kInt16}},
      {"i4", "int32", {.stored = ElementType::kInt32}},
      {"i8", "int64", {.stored = ElementType::kInt64}},
      {"u1", "uint8", {.stored = ElementType::kUint8}},
      {"u2", "uint16", {.stored = ElementType::kUint16}},
      {"u4", "uint32", {.stored = ElementType::kUint32}},
      {"u8", "uint64", {.stored = ElementType::kUint64}},
      {"f2", "float16", {.stored = ElementType::kUint16, .is_half = true}},
      {"f4", "float32", {.stored = ElementType::kFloat32}},
      {"f8", "float64", {.stored = ElementType::kFloat64}},
  };
  return known;
}

}  // namespace

std::optional<NumberCoding> zarr_v2_numbers(const std::string& dtype) {
  if (dtype.empty()) return std::nullopt;
  for (const NamedNumbers& each : known_numbers()) {
    if (dtype.substr(1) != each.v2) continue;
    NumberCoding numbers = each.numbers;
    const bool has_order = element_bytes(numbers.stored) > 1;
    if (dtype[0] != '<' && dtype[0] != '>' && (dtype[0] != '|' || has_order)) return std::nullopt;
    const bool is_big = std::endian::native == std::endian::big;
    numbers.is_swapped = has_order && (dtype[0] == '>') != is_big;
    return numbers;
  }
  return std::nullopt;
}

std::optional<NumberCoding> zarr_v3_numbers(const std::string& name) {
  for (const NamedNumbers& each : known_numbers())
    if (name == each.v3) return each.numbers;
  return std::nullopt;
}

std::vector<std::int64_t> stored_extents(const ZarrCoding& coding,
                                         std::span<const std::int64_t> extents) {
  std::vector<std::int64_t> stored(extents.begin(), extents.end());
  for (std::size_t i = 0; i < coding.order.size(); ++i) stored[i] = extents[coding.order[i]];
  return stored;
}

bool ZarrCoding::is_plain() const {
  return !numbers.is_swapped && !numbers.is_half && order.empty() && shard.empty() &&
         codecs.empty();
}

std::int64_t ZarrShard::count(std::span<const std::int64_t> extents) const {
  std::int64_t chunks = 1;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) chunks *= extents[axis] / chunk[axis];
  return chunks;
}

std::size_t ZarrShard::index_bytes(std::span<const std::int64_t> extents) const {
  return static_cast<std::size_t>(count(extents)) * 16 + (has_index_checksum ? 4 : 0);
}

// Deflate, Zstandard and Blosc add less than a hundredth to what they cannot compress.
std::size_t most_stored_bytes(std::size_t decoded) {
  return decoded + decoded / 8 + (std::size_t{64} << 10);
}

}  // namespace lucid
