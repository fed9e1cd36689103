#include "formats/tiff/tiff_file.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/tiff/tiff_state.h"

namespace lucid {
namespace {

// libtiff's own memory: lists of strips, and the compressed bytes of one.
constexpr std::uint64_t kLeastLibraryBytes = std::uint64_t{1} << 26;

// Both byte orders of TIFF and BigTIFF.
bool is_tiff_magic(std::string_view begin) {
  using namespace std::string_view_literals;
  return begin == "II*\0"sv || begin == "MM\0*"sv || begin == "II+\0"sv || begin == "MM\0+"sv;
}

// Returns the bytes of the file, if it is TIFF.
std::uint64_t checked_size(const std::filesystem::path& path) {
  InputFile file(path, "a TIFF file", ExitCode::kData);
  std::array<char, 4> begin{};
  const std::size_t found = file.read(std::as_writable_bytes(std::span(begin)));
  if (!is_tiff_magic({begin.data(), found}))
    fail(path.string(), "expected a TIFF file, found another beginning");
  return file.size();
}

extern "C" int keep_error(TIFF*, void* text, const char*, const char* format, va_list values) {
  std::array<char, 512> message{};
  std::vsnprintf(message.data(), message.size(), format, values);
  auto& kept = *static_cast<std::string*>(text);
  if (kept.empty()) kept = message.data();
  return 1;
}

extern "C" int ignore_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

void close_tiff(TIFF* tiff) {
  if (tiff != nullptr) TIFFClose(tiff);
}

}  // namespace

TiffFile::TiffFile(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.place = path.string();
  check_is_file(path, "a TIFF file", ExitCode::kUsage);
  state.file_bytes = checked_size(path);
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
