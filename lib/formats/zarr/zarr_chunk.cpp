#include "formats/zarr/zarr_chunk.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "data/array/copy_box.h"
#include "data/chunks/box_grid.h"
#include "formats/zarr/byte_codecs.h"

namespace lucid {
namespace {

using Extents = std::vector<std::int64_t>;

std::uint64_t number_at(std::span<const std::byte> bytes, bool is_swapped) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return is_swapped ? __builtin_bswap64(value) : value;
}

// Copies elements whose axes are stored in another order: element (i, j, ..) of the result is
// `from` [i * strides[0] + j * strides[1] + ..].
template <std::size_t kBytes>
void gather_elements(const std::byte* from, std::span<const std::int64_t> extents,
                     std::span<const std::int64_t> strides, std::byte* to) {
  const std::size_t last = extents.size() - 1;
  const auto bytes = static_cast<std::int64_t>(kBytes);
  Extents at(last, 0);
  std::int64_t rows = 1;
  for (std::size_t axis = 0; axis < last; ++axis) rows *= extents[axis];
  for (std::int64_t row = 0; row < rows; ++row) {
    std::int64_t offset = 0;
    for (std::size_t axis = 0; axis < last; ++axis) offset += at[axis] * strides[axis];
    for (std::int64_t i = 0; i < extents[last]; ++i, to += kBytes)
      std::memcpy(to, from + (offset + i * strides[last]) * bytes, kBytes);
    for (std::size_t axis = last; axis-- > 0;) {
      if (++at[axis] < extents[axis]) break;
      at[axis] = 0;
    }
  }
}

void reorder_axes(const std::vector<std::size_t>& order, std::span<const std::int64_t> extents,
                  std::size_t element, const std::byte* from, std::byte* to) {
  Extents strides(extents.size());
  std::int64_t stride = 1;
  for (std::size_t i = order.size(); i-- > 0; stride *= extents[order[i]])
    strides[order[i]] = stride;
  switch (element) {
    case 1:
      return gather_elements<1>(from, extents, strides, to);
    case 2:
      return gather_elements<2>(from, extents, strides, to);
    case 4:
      return gather_elements<4>(from, extents, strides, to);
    default:
      return gather_elements<8>(from, extents, strides, to);
  }
}

void decode_elements(const ZarrCoding& coding, std::span<const std::byte> stored,
                     const std::string& place, std::span<std::byte> out) {
  const std::size_t count = out.size() / element_bytes(coding.numbers.element());
  const std::size_t bytes = count * element_bytes(coding.numbers.stored);
  std::vector<std::byte> others;
  if (bytes != out.size()) others.resize(bytes);
  const std::span<std::byte> numbers = others.empty() ? out : std::span(others);
  decode_bytes(coding.codecs, stored, place, numbers);
  decode_numbers(coding.numbers, numbers, out);
}

void decode_shard(const ZarrCoding& coding, const Extents& extents,
                  std::span<const std::byte> stored, std::span<const std::byte> fill,
                  const std::string& place, std::span<std::byte> out) {
  const ZarrShard& shard = coding.shard.front();
  const std::size_t index_bytes = shard.index_bytes(extents);
  std::vector<std::byte> whole;
  if (!coding.codecs.empty()) {
    whole =
        decoded_bytes(coding.codecs, stored, place, most_stored_bytes(out.size()) + index_bytes);
    stored = whole;
  }
  if (stored.size() < index_bytes)
    fail(place, "expected an index of " + std::to_string(index_bytes) + " bytes, found " +
                    std::to_string(stored.size()));
  std::span<const std::byte> index =
      shard.is_index_at_end ? stored.last(index_bytes) : stored.first(index_bytes);
  if (shard.has_index_checksum) index = without_crc32c(index, place);
  const BoxGrid grid(Shape(extents), shard.chunk);
  std::vector<std::byte> chunk(Shape(shard.chunk).count() * fill.size());
  const Extents begin(extents.size(), 0);
  for (std::int64_t i = 0; i < grid.count(); ++i) {
    const hdf5::Region region = grid.region(i);
    const auto part = shard_part(shard, index, i, stored.size(), place);
    if (!part) {
      fill_box(fill, region.count, out.data(), {extents, region.start});
      continue;
    }
    decode_zarr_chunk(shard.coding, shard.chunk, stored.subspan(part->offset, part->bytes), fill,
                      place, chunk);
    copy_box(fill.size(), region.count, chunk.data(), {shard.chunk, begin}, out.data(),
             {extents, region.start});
  }
}

}  // namespace

std::optional<ShardPart> shard_part(const ZarrShard& shard, std::span<const std::byte> index,
                                    std::int64_t number, std::uint64_t shard_bytes,
                                    const std::string& place) {
  const std::span<const std::byte> entry = index.subspan(static_cast<std::size_t>(number) * 16, 16);
  const ShardPart part{number_at(entry.first(8), shard.is_index_swapped),
                       number_at(entry.last(8), shard.is_index_swapped)};
  constexpr std::uint64_t kNotStored = ~std::uint64_t{0};
  if (part.offset == kNotStored && part.bytes == kNotStored) return std::nullopt;
  if (part.offset <= shard_bytes && part.bytes <= shard_bytes - part.offset) return part;
  fail(place, "expected inner chunk " + std::to_string(number) + " within the " +
                  std::to_string(shard_bytes) + " bytes of its shard, found " +
                  std::to_string(part.bytes) + " bytes from " + std::to_string(part.offset));
}

void decode_zarr_chunk(const ZarrCoding& coding, std::span<const std::int64_t> extents,
                       std::span<const std::byte> stored, std::span<const std::byte> fill,
                       const std::string& place, std::span<std::byte> out) {
  const Extents in_file = stored_extents(coding, extents);
  std::vector<std::byte> reordered;
  if (!coding.order.empty()) reordered.resize(out.size());
  const std::span<std::byte> chunk = coding.order.empty() ? out : std::span(reordered);
  if (coding.shard.empty())
    decode_elements(coding, stored, place, chunk);
  else
    decode_shard(coding, in_file, stored, fill, place, chunk);
  if (!coding.order.empty())
    reorder_axes(coding.order, extents, fill.size(), chunk.data(), out.data());
}

}  // namespace lucid
