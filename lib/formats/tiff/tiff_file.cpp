#include "formats/tiff/tiff_file.h"

#include <fcntl.h>
#include <tiffio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace lucid {
namespace {

// A row of pixels or of tiles is held in memory; the largest that microscopes write are some MiB.
constexpr std::uint64_t kMostRowBytes = std::uint64_t{1} << 28;
// More than any page has, so that products with it do not overflow.
constexpr std::uint64_t kMostStoredBytes = std::uint64_t{1} << 46;
// libtiff's own memory: lists of strips, and the compressed bytes of one.
constexpr std::uint64_t kLeastLibraryBytes = std::uint64_t{1} << 26;

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

extern "C" int keep_error(TIFF*, void* text, const char*, const char* format, va_list values) {
  std::array<char, 512> message{};
  std::vsnprintf(message.data(), message.size(), format, values);
  auto& kept = *static_cast<std::string*>(text);
  if (kept.empty()) kept = message.data();
  return 1;
}

extern "C" int ignore_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

template <class T>
T field(TIFF* tiff, std::uint32_t tag, T otherwise) {
  T value = otherwise;
  return TIFFGetFieldDefaulted(tiff, tag, &value) != 0 ? value : otherwise;
}

}  // namespace

struct TiffFile::State {
  std::string place;
  std::uint64_t file_bytes = 0;
  std::unique_ptr<std::string> error = std::make_unique<std::string>();  // of libtiff, the first
  std::unique_ptr<TIFF, void (*)(TIFF*)> tiff{nullptr, TIFFClose};
  std::size_t number = 0;              // of the page, from 1
  TiffPage current;                    // what page() found last
  std::vector<std::byte> tile, tiles;  // one tile, and a row of them
  std::int64_t tiles_row = -1;         // the first row of pixels in `tiles`

  [[noreturn]] void fail(const std::string& message) const {
    lucid::fail(place, "page " + std::to_string(number) + ": " + message);
  }
  void check(bool is_good, const std::string& what) const {
    if (is_good && error->empty()) return;
    const std::string reason = error->empty() ? "libtiff does not say why" : *error;
    number == 0 ? lucid::fail(place, what + ": " + reason) : fail(what + ": " + reason);
  }
  NumberCoding coding() const;
  void check_bytes(const TiffPage& page) const;
  void read_tiles(std::int64_t row);
};

namespace {

void close_tiff(TIFF* tiff) {
  if (tiff != nullptr) TIFFClose(tiff);
}

}  // namespace

TiffFile::TiffFile(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.place = path.string();
  check_is_file(path, "a TIFF file", ExitCode::kUsage);
  state.file_bytes = InputFile(path, "a TIFF file", ExitCode::kData).size();
  const auto library_bytes = static_cast<tmsize_t>(std::max(kLeastLibraryBytes, state.file_bytes));
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                             TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), library_bytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, state.error.get());
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore_warning, nullptr);
  // m: a file that another process cuts short is an error, not a signal. c: strips stay as stored.
  state.tiff = {TIFFOpenExt(path.c_str(), "rmc", options.get()), close_tiff};
  state.check(state.tiff != nullptr, "expected a TIFF file");
}

TiffFile::~TiffFile() = default;
TiffFile::TiffFile(TiffFile&&) noexcept = default;

const std::string& TiffFile::place() const { return state_->place; }

bool TiffFile::has_next() const {
  return state_->number == 0 || TIFFLastDirectory(state_->tiff.get()) == 0;
}

bool TiffFile::next() {
  State& state = *state_;
  if (!has_next()) return false;
  ++state.number;
  state.tiles_row = -1;
  if (state.number > 1) state.check(TIFFReadDirectory(state.tiff.get()) == 1, "is damaged");
  return true;
}

void TiffFile::go_to(std::uint64_t offset, std::size_t number) {
  state_->number = number;
  state_->tiles_row = -1;
  state_->check(TIFFSetSubDirectory(state_->tiff.get(), offset) == 1, "is damaged");
  page();  // sets what libtiff needs to decode it, and checks it again
}

std::uint64_t TiffFile::offset() const { return TIFFCurrentDirOffset(state_->tiff.get()); }

bool TiffFile::is_reduced() const {
  const auto kind = field<std::uint32_t>(state_->tiff.get(), TIFFTAG_SUBFILETYPE, 0);
  return (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
}

std::string TiffFile::description() const {
  char* text = nullptr;
  const bool is_given = TIFFGetField(state_->tiff.get(), TIFFTAG_IMAGEDESCRIPTION, &text) != 0;
  return is_given && text != nullptr ? text : "";
}

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

// Decodes the tiles that lie beside each other and puts their rows together.
void TiffFile::State::read_tiles(std::int64_t row) {
  const TiffPage& page = current;
  const auto width = field<std::uint32_t>(tiff.get(), TIFFTAG_TILEWIDTH, 0);
  const auto height = field<std::uint32_t>(tiff.get(), TIFFTAG_TILELENGTH, 0);
  if (width == 0 || height == 0 || field<std::uint32_t>(tiff.get(), TIFFTAG_TILEDEPTH, 1) != 1)
    fail("expected tiles of width and height of at least 1 and of depth 1, found others");
  const std::uint64_t pixel = page.row_bytes() / static_cast<std::uint64_t>(page.shape.width);
  const std::uint64_t tile_row = pixel * width, tile_bytes = TIFFTileSize64(tiff.get());
  const std::uint64_t row_bytes = page.row_bytes();
  if (tile_bytes > kMostRowBytes || row_bytes > kMostRowBytes / height ||
      tile_bytes != tile_row * height)
    fail("expected a row of tiles of at most " + bytes_text(kMostRowBytes) + ", found tiles of " +
         std::to_string(width) + " x " + std::to_string(height));
  tile.resize(tile_bytes);
  const std::int64_t plane = row / page.shape.height, top = row % page.shape.height;
  for (std::int64_t left = 0; left < page.shape.width; left += width) {
    const tmsize_t found =
        TIFFReadTile(tiff.get(), tile.data(), static_cast<std::uint32_t>(left),
                     static_cast<std::uint32_t>(top), 0, static_cast<std::uint16_t>(plane));
    check(found == static_cast<tmsize_t>(tile_bytes), "a tile cannot be decoded");
    tiles.resize(row_bytes * height);  // once the first one is known to be there
    const std::uint64_t at = static_cast<std::uint64_t>(left) * pixel;
    const std::uint64_t used = std::min(tile_row, row_bytes - at);
    for (std::uint64_t y = 0; y < height; ++y)
      std::copy_n(&tile[y * tile_row], used, &tiles[y * row_bytes + at]);
  }
  tiles_row = row;
}

void TiffFile::read_row(std::int64_t row, std::span<std::byte> out) {
  State& state = *state_;
  TIFF* tiff = state.tiff.get();
  const std::int64_t height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 1);
  const std::int64_t plane = row / height, y = row % height;
  if (TIFFIsTiled(tiff) == 0) {
    const int found = TIFFReadScanline(tiff, out.data(), static_cast<std::uint32_t>(y),
                                       static_cast<std::uint16_t>(plane));
    return state.check(found == 1, "a row cannot be decoded");
  }
  const std::int64_t step = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 1);
  if (y % std::max<std::int64_t>(step, 1) == 0) state.read_tiles(row);
  std::copy_n(&state.tiles[static_cast<std::size_t>(row - state.tiles_row) * out.size()],
              out.size(), out.begin());
}

}  // namespace lucid
