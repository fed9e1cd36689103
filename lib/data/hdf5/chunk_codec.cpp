#include "data/hdf5/chunk_codec.h"

#include <libdeflate.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "kernels/simd/clones.h"

namespace lucid {
namespace {

bool is_element_size(std::size_t bytes) {
  return bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

// The functions below know elements of 2, 4 and 8 bytes; a single byte has no order.
void check_element(std::size_t bytes, std::size_t chunk_bytes, const std::string& place) {
  if (!is_element_size(bytes) || chunk_bytes % bytes != 0)
    throw Error(ExitCode::kData, place + ": expected whole elements of 1, 2, 4 or 8 bytes, found " +
                                     std::to_string(chunk_bytes) + " bytes in elements of " +
                                     std::to_string(bytes));
}

[[noreturn]] void refuse(const std::string& place, std::size_t expected, const std::string& found) {
  throw Error(ExitCode::kData,
              place + ": expected " + std::to_string(expected) + " bytes, found " + found);
}

void inflate(std::span<const std::byte> packed, const std::string& place,
             std::span<std::byte> out) {
  struct Free {
    void operator()(libdeflate_decompressor* of) const { libdeflate_free_decompressor(of); }
  };
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> decompressor(
      libdeflate_alloc_decompressor());
  if (!decompressor) throw std::bad_alloc();
  std::size_t count = 0;
  switch (libdeflate_zlib_decompress(decompressor.get(), packed.data(), packed.size(), out.data(),
                                     out.size(), &count)) {
    case LIBDEFLATE_SUCCESS:
      if (count != out.size()) refuse(place, out.size(), std::to_string(count));
      return;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      refuse(place, out.size(), "more");
    default:
      refuse(place, out.size(), "damaged deflate data");
  }
}

// Turns planes of bytes back into elements of kBytes; plane p holds byte p of each element, counted
// from the end if swapped.
template <std::size_t kBytes>
LUCID_INLINE void join_planes(const std::byte* from, std::size_t count, bool is_swapped,
                              std::byte* to) {
  const std::byte* planes[kBytes];
  for (std::size_t p = 0; p < kBytes; ++p)
    planes[p] = from + (is_swapped ? kBytes - 1 - p : p) * count;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t p = 0; p < kBytes; ++p) to[i * kBytes + p] = planes[p][i];
}

LUCID_CLONED(void, unshuffle,
             (const std::byte* from, std::size_t count, std::size_t element_bytes, bool is_swapped,
              std::byte* to),
             (from, count, element_bytes, is_swapped, to)) {
  switch (element_bytes) {
    case 2:
      return join_planes<2>(from, count, is_swapped, to);
    case 4:
      return join_planes<4>(from, count, is_swapped, to);
    default:
      return join_planes<8>(from, count, is_swapped, to);
  }
}

template <std::size_t kBytes>
LUCID_INLINE void split_planes(const std::byte* from, std::size_t count, std::byte* to) {
  for (std::size_t p = 0; p < kBytes; ++p)
    for (std::size_t i = 0; i < count; ++i) to[p * count + i] = from[i * kBytes + p];
}

LUCID_CLONED(void, shuffle,
             (const std::byte* from, std::size_t count, std::size_t element_bytes, std::byte* to),
             (from, count, element_bytes, to)) {
  switch (element_bytes) {
    case 2:
      return split_planes<2>(from, count, to);
    case 4:
      return split_planes<4>(from, count, to);
    default:
      return split_planes<8>(from, count, to);
  }
}

// Returns the number of bytes written; 0 if they would not be fewer than those of `plain`.
std::size_t deflate(int level, std::span<const std::byte> plain, std::vector<std::byte>& out) {
  struct Free {
    void operator()(libdeflate_compressor* of) const { libdeflate_free_compressor(of); }
  };
  thread_local std::unique_ptr<libdeflate_compressor, Free> compressor;
  thread_local int compressor_level = 0;
  if (compressor_level != level) {
    compressor.reset(libdeflate_alloc_compressor(level));
    compressor_level = level;
  }
  if (!compressor) throw std::bad_alloc();
  if (out.size() < plain.size()) out.resize(plain.size());
  return libdeflate_zlib_compress(compressor.get(), plain.data(), plain.size(), out.data(),
                                  plain.size() - 1);
}

template <std::size_t kBytes>
LUCID_INLINE void turn(std::byte* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t p = 0; p < kBytes / 2; ++p)
      std::swap(bytes[i * kBytes + p], bytes[i * kBytes + kBytes - 1 - p]);
}

LUCID_CLONED(void, swap_bytes, (std::byte * bytes, std::size_t count, std::size_t element_bytes),
             (bytes, count, element_bytes)) {
  switch (element_bytes) {
    case 2:
      return turn<2>(bytes, count);
    case 4:
      return turn<4>(bytes, count);
    default:
      return turn<8>(bytes, count);
  }
}

}  // namespace

void decode_chunk(const ChunkCodec& codec, const StoredChunk& stored, const std::string& place,
                  std::span<std::byte> out) {
  check_element(codec.element_bytes, out.size(), place);
  const bool is_swapped = codec.is_swapped && codec.element_bytes > 1;
  const bool is_deflated = (codec.deflate_bit & ~stored.left_out) != 0;
  const bool is_shuffled = (codec.shuffle_bit & ~stored.left_out) != 0 && codec.element_bytes > 1;
  const std::size_t count = out.size() / codec.element_bytes;
  std::span<const std::byte> from = stored.bytes;
  if (is_deflated) {
    thread_local std::vector<std::byte> shuffled;
    if (is_shuffled && shuffled.size() < out.size()) shuffled.resize(out.size());
    const std::span<std::byte> to = is_shuffled ? std::span(shuffled).first(out.size()) : out;
    inflate(stored.bytes, place, to);
    from = to;
  } else if (from.size() != out.size()) {
    refuse(place, out.size(), std::to_string(from.size()));
  }
  if (is_shuffled)
    return unshuffle(from.data(), count, codec.element_bytes, is_swapped, out.data());
  if (from.data() != out.data()) std::memcpy(out.data(), from.data(), out.size());
  if (is_swapped) swap_bytes(out.data(), count, codec.element_bytes);
}

StoredChunk encode_chunk(const ChunkCodec& codec, int level, std::span<const std::byte> chunk,
                         std::vector<std::byte>& buffer) {
  assert(!codec.is_swapped && is_element_size(codec.element_bytes));
  if (codec.deflate_bit == 0) return {chunk, codec.shuffle_bit};
  std::span<const std::byte> plain = chunk;
  if (codec.shuffle_bit != 0 && codec.element_bytes > 1) {
    thread_local std::vector<std::byte> shuffled;
    if (shuffled.size() < chunk.size()) shuffled.resize(chunk.size());
    shuffle(chunk.data(), chunk.size() / codec.element_bytes, codec.element_bytes, shuffled.data());
    plain = std::span(shuffled).first(chunk.size());
  }
  const std::size_t bytes = deflate(level, plain, buffer);
  if (bytes == 0) return {chunk, codec.shuffle_bit | codec.deflate_bit};
  return {std::span(buffer).first(bytes), 0};
}

}  // namespace lucid
