#include "formats/zarr/byte_codecs.h"

#include <libdeflate.h>
#ifdef LUCID_HAS_BLOSC
#include <blosc.h>
#endif
#ifdef LUCID_HAS_ZSTD
#include <zstd.h>
#endif

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace lucid {
namespace {

using Bytes = std::span<const std::byte>;

constexpr const char* kTooMany = "expected no more than its chunk holds, found more";

libdeflate_decompressor* decompressor() {
  struct Free {
    void operator()(libdeflate_decompressor* of) const { libdeflate_free_decompressor(of); }
  };
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> one(
      libdeflate_alloc_decompressor());
  if (!one) throw std::bad_alloc();
  return one.get();
}

std::size_t inflate_zlib(Bytes stored, const std::string& place, std::span<std::byte> out) {
  std::size_t count = 0;
  switch (libdeflate_zlib_decompress(decompressor(), stored.data(), stored.size(), out.data(),
                                     out.size(), &count)) {
    case LIBDEFLATE_SUCCESS:
      return count;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      fail(place, kTooMany);
    default:
      fail(place, "its zlib data is damaged");
  }
}

// A gzip file is one member after another.
std::size_t inflate_gzip(Bytes stored, const std::string& place, std::span<std::byte> out) {
  std::size_t done = 0;
  do {
    std::size_t used = 0, count = 0;
    switch (libdeflate_gzip_decompress_ex(decompressor(), stored.data(), stored.size(),
                                          out.data() + done, out.size() - done, &used, &count)) {
      case LIBDEFLATE_SUCCESS:
        break;
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        fail(place, kTooMany);
      default:
        fail(place, "its gzip data is damaged");
    }
    done += count;
    stored = stored.subspan(used);
  } while (!stored.empty());
  return done;
}

#ifdef LUCID_HAS_ZSTD
std::size_t expand_zstd(Bytes stored, const std::string& place, std::span<std::byte> out) {
  struct Free {
    void operator()(ZSTD_DCtx* of) const { ZSTD_freeDCtx(of); }
  };
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  const std::size_t count =
      ZSTD_decompressDCtx(context.get(), out.data(), out.size(), stored.data(), stored.size());
  if (ZSTD_isError(count) != 0)
    fail(place, std::string("its zstd data is damaged: ") + ZSTD_getErrorName(count));
  return count;
}
#else
std::size_t expand_zstd(Bytes, const std::string& place, std::span<std::byte>) {
  fail(place, missing_library(ByteCodec::kZstd));
}
#endif

#ifdef LUCID_HAS_BLOSC
// Blosc reads as many bytes as the header says, so these have to be there.
std::size_t expand_blosc(Bytes stored, const std::string& place, std::span<std::byte> out) {
  std::size_t count = 0, compressed = 0, block = 0;
  if (stored.size() >= BLOSC_MIN_HEADER_LENGTH)
    blosc_cbuffer_sizes(stored.data(), &count, &compressed, &block);
  if (stored.size() < BLOSC_MIN_HEADER_LENGTH || compressed != stored.size() ||
      blosc_cbuffer_validate(stored.data(), stored.size(), &count) != 0)
    fail(place, "its blosc data is damaged");
  if (count > out.size()) fail(place, kTooMany);
  if (blosc_decompress_ctx(stored.data(), out.data(), out.size(), 1) != static_cast<int>(count))
    fail(place, "its blosc data is damaged");
  return count;
}
#else
std::size_t expand_blosc(Bytes, const std::string& place, std::span<std::byte>) {
  fail(place, missing_library(ByteCodec::kBlosc));
}
#endif

std::array<std::uint32_t, 256> crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78u : 0);
    table[i] = value;
  }
  return table;
}

std::uint32_t crc32c_of(Bytes bytes) {
  static const std::array<std::uint32_t, 256> table = crc32c_table();
  std::uint32_t sum = 0xffffffffu;
  for (const std::byte byte : bytes)
    sum = (sum >> 8) ^ table[(sum ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  return ~sum;
}

std::size_t undo(ByteCodec codec, Bytes stored, const std::string& place,
                 std::span<std::byte> out) {
  switch (codec) {
    case ByteCodec::kZlib:
      return inflate_zlib(stored, place, out);
    case ByteCodec::kGzip:
      return inflate_gzip(stored, place, out);
    case ByteCodec::kZstd:
      return expand_zstd(stored, place, out);
    case ByteCodec::kBlosc:
      return expand_blosc(stored, place, out);
    case ByteCodec::kCrc32c:
      break;
  }
  const Bytes checked = without_crc32c(stored, place);
  if (checked.size() > out.size()) fail(place, kTooMany);
  std::ranges::copy(checked, out.begin());
  return checked.size();
}

[[noreturn]] void fail_size(const std::string& place, std::size_t expected, std::size_t found) {
  fail(place, "expected a chunk of " + std::to_string(expected) + " bytes, found " +
                  std::to_string(found));
}

}  // namespace

std::string missing_library(ByteCodec codec) {
#ifndef LUCID_HAS_ZSTD
  if (codec == ByteCodec::kZstd)
    return "zstd data need libzstd, which this lucid was built without; install libzstd-dev and "
           "build it again";
#endif
#ifndef LUCID_HAS_BLOSC
  if (codec == ByteCodec::kBlosc)
    return "blosc data need libblosc, which this lucid was built without; install libblosc-dev "
           "and build it again";
#endif
  static_cast<void>(codec);
  return {};
}

Bytes without_crc32c(Bytes stored, const std::string& place) {
  if (stored.size() < 4) fail_size(place, 4, stored.size());
  const Bytes checked = stored.first(stored.size() - 4);
  std::uint32_t sum = 0;
  for (std::size_t i = 4; i-- > 0;)
    sum = sum << 8 | std::to_integer<std::uint32_t>(stored[checked.size() + i]);
  if (sum != crc32c_of(checked)) fail(place, "its checksum (CRC-32C) is that of other bytes");
  return checked;
}

void decode_bytes(std::span<const ByteCodec> codecs, Bytes stored, const std::string& place,
                  std::span<std::byte> out) {
  if (codecs.empty()) {
    if (stored.size() != out.size()) fail_size(place, out.size(), stored.size());
    std::ranges::copy(stored, out.begin());
    return;
  }
  std::vector<std::byte> between;
  if (codecs.size() > 1) {
    between = decoded_bytes(codecs.subspan(1), stored, place, most_stored_bytes(out.size()));
    stored = between;
  }
  const std::size_t count = undo(codecs.front(), stored, place, out);
  if (count != out.size()) fail_size(place, out.size(), count);
}

std::vector<std::byte> decoded_bytes(std::span<const ByteCodec> codecs, Bytes stored,
                                     const std::string& place, std::size_t most) {
  std::vector<std::byte> bytes(stored.begin(), stored.end());
  for (std::size_t i = codecs.size(); i-- > 0;) {
    std::vector<std::byte> next(i == 0 ? most : most_stored_bytes(most));
    next.resize(undo(codecs[i], bytes, place, next));
    bytes = std::move(next);
  }
  return bytes;
}

}  // namespace lucid
