#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"
#include "formats/tiff/tiff_state.h"

namespace lucid {
namespace {

// More than any page has, so that products with it do not overflow.
constexpr std::uint64_t kMostStoredBytes = std::uint64_t{1} << 46;
// Returns how many bytes one compressed byte becomes at most: PackBits repeats a byte up to 128
// times in two, a code of LZW has 12 bits and stands for less than 4096 bytes, a block of JPEG
// takes some bits; zstd and LZMA repeat whole blocks of 128 KiB in four bytes.
std::uint64_t most_expansion(std::uint16_t compression) {
  switch (compression) {
    case COMPRESSION_NONE:
      return 1;
    case COMPRESSION_PACKBITS:
      return 64;
    case COMPRESSION_LZW:
      return 2736;
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
      return kMostInflation;
    default:
      return std::uint64_t{1} << 16;
  }
}

}  // namespace

NumberCoding TiffFile::State::coding() const {
  const auto bits = field<std::uint16_t>(tiff.get(), TIFFTAG_BITSPERSAMPLE, 1);
  const auto format = field<std::uint16_t>(tiff.get(), TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  using enum ElementType;
  const bool is_unsigned = format == SAMPLEFORMAT_UINT || format == SAMPLEFORMAT_VOID;
  const std::array<std::pair<int, ElementType>, 4> unsigned_types{
      {{8, kUint8}, {16, kUint16}, {32, kUint32}, {64, kUint64}}};
  const std::array<std::pair<int, ElementType>, 4> signed_types{
      {{8, kInt8}, {16, kInt16}, {32, kInt32}, {64, kInt64}}};
  NumberCoding coding;
  if (format == SAMPLEFORMAT_IEEEFP && (bits == 16 || bits == 32 || bits == 64)) {
    coding.is_half = bits == 16;
    coding.stored = bits == 16 ? kUint16 : bits == 32 ? kFloat32 : kFloat64;
    return coding;
  }
  if (is_unsigned || format == SAMPLEFORMAT_INT)
    for (const auto& [wanted, type] : is_unsigned ? unsigned_types : signed_types)
      if (bits == wanted) {
        coding.stored = type;
        return coding;
      }
  fail("expected samples of 8, 16, 32 or 64 bits, integers or floats, found " +
       std::to_string(bits) + " bits of the format " + std::to_string(format));
}

// Refuses sizes that the bytes of the file cannot hold, before anything of that size is allocated.
void TiffFile::State::check_bytes(const TiffPage& page) const {
  const std::uint32_t pieces =
      TIFFIsTiled(tiff.get()) != 0 ? TIFFNumberOfTiles(tiff.get()) : TIFFNumberOfStrips(tiff.get());
  const auto compression = field<std::uint16_t>(tiff.get(), TIFFTAG_COMPRESSION, 0);
  if (TIFFIsCODECConfigured(compression) == 0)
    fail("its compression, " + std::to_string(compression) + ", is not known to this libtiff");
  std::uint64_t stored = 0;
  for (std::uint32_t piece = 0; piece < pieces; ++piece) {
    const std::uint64_t begin = TIFFGetStrileOffset(tiff.get(), piece);
    const std::uint64_t bytes = TIFFGetStrileByteCount(tiff.get(), piece);
    if (begin > file_bytes || bytes > file_bytes - begin)
      fail("strip or tile " + std::to_string(piece) +
           " reaches beyond the end of the file, which is cut short or damaged");
    stored = std::min(stored + bytes, kMostStoredBytes);
  }
  const std::uint64_t row = page.row_bytes(), most = stored * most_expansion(compression);
  const auto rows = static_cast<std::uint64_t>(page.rows());
  if (row > most || rows > most / row)
    fail("expected " + page.text() + ", found at most " +
         with_thousands(static_cast<std::int64_t>(most)) +
         " bytes of them; the file is cut short or damaged");
}

TiffPage TiffFile::page() const {
  State& state = *state_;
  TIFF* tiff = state.tiff.get();
  TiffPage page;
  TiffPageShape& shape = page.shape;
  shape.width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
  shape.height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
  shape.samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  if (shape.width < 1 || shape.height < 1 || shape.samples < 1)
    state.fail("expected a width, a height and samples of at least 1, found " +
               std::to_string(shape.width) + ", " + std::to_string(shape.height) + " and " +
               std::to_string(shape.samples));
  if (const auto depth = field<std::uint32_t>(tiff, TIFFTAG_IMAGEDEPTH, 1); depth != 1)
    state.fail("expected an image of depth 1, found " + std::to_string(depth));
  shape.x_resolution = field<float>(tiff, TIFFTAG_XRESOLUTION, 0);
  shape.y_resolution = field<float>(tiff, TIFFTAG_YRESOLUTION, 0);
  page.coding = state.coding();
  page.is_planar = shape.samples > 1 && field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG, 1) == 2;
  const auto compression = field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION, 0);
  if (compression == COMPRESSION_JPEG) TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  state.check(true, "is damaged");
  state.check_bytes(page);
  const std::uint64_t row = page.row_bytes();
  const bool is_tiled = TIFFIsTiled(tiff) != 0;
  if (row > kMostRowBytes || (!is_tiled && TIFFScanlineSize64(tiff) != row))
    state.fail("expected rows of at most " + bytes_text(kMostRowBytes) +
               " whose samples have one size, found " + page.text());
  if (!is_tiled && compression == COMPRESSION_NONE && !page.is_planar) {
    page.raw_offset = TIFFGetStrileOffset(tiff, 0);
    page.is_raw_swapped = TIFFIsByteSwapped(tiff) != 0 && element_bytes(page.coding.stored) > 1;
  }
  state.current = page;
  return page;
}

}  // namespace lucid
