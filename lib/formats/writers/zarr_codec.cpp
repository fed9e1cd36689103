#include "formats/writers/zarr_codec.h"

#ifdef LUCID_HAS_BLOSC
#include <blosc.h>
#elif defined(LUCID_HAS_ZSTD)
#include <zstd.h>
#else
#include <libdeflate.h>

#include <memory>
#endif

namespace lucid {

#ifdef LUCID_HAS_BLOSC
namespace {

constexpr int kZarrLevel = 3;  // of 9: Zstandard's fifth
// Blosc may have been built without Zstandard, but never without its own codec.
const char* blosc_codec() {
  return blosc_compname_to_compcode(BLOSC_ZSTD_COMPNAME) < 0 ? BLOSC_BLOSCLZ_COMPNAME
                                                             : BLOSC_ZSTD_COMPNAME;
}

}  // namespace

Json zarr_compressor() {
  return {{"id", "blosc"},
          {"cname", blosc_codec()},
          {"clevel", kZarrLevel},
          {"shuffle", BLOSC_SHUFFLE},
          {"blocksize", 0}};
}

void compress_zarr_chunk(std::span<const std::byte> chunk, std::size_t element_bytes,
                         std::vector<std::byte>& out) {
  out.resize(chunk.size() + BLOSC_MAX_OVERHEAD);
  const int size = blosc_compress_ctx(kZarrLevel, BLOSC_SHUFFLE, element_bytes, chunk.size(),
                                      chunk.data(), out.data(), out.size(), blosc_codec(), 0, 1);
  if (size <= 0) throw std::bad_alloc();  // what does not shrink is stored as it is
  out.resize(static_cast<std::size_t>(size));
}

#elif defined(LUCID_HAS_ZSTD)
namespace {

constexpr int kZarrLevel = 5;

}  // namespace

Json zarr_compressor() { return {{"id", "zstd"}, {"level", kZarrLevel}}; }

void compress_zarr_chunk(std::span<const std::byte> chunk, std::size_t,
                         std::vector<std::byte>& out) {
  out.resize(ZSTD_compressBound(chunk.size()));
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), chunk.data(), chunk.size(), kZarrLevel);
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  out.resize(size);
}

#else
namespace {

constexpr int kZarrLevel = 4;

}  // namespace

Json zarr_compressor() { return {{"id", "zlib"}, {"level", kZarrLevel}}; }

void compress_zarr_chunk(std::span<const std::byte> chunk, std::size_t,
                         std::vector<std::byte>& out) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> deflate(
      libdeflate_alloc_compressor(kZarrLevel), libdeflate_free_compressor);
  if (deflate == nullptr) throw std::bad_alloc();
  out.resize(libdeflate_zlib_compress_bound(deflate.get(), chunk.size()));
  out.resize(
      libdeflate_zlib_compress(deflate.get(), chunk.data(), chunk.size(), out.data(), out.size()));
}

#endif

}  // namespace lucid
