#pragma once
// Private to this room.

#include <tiffio.h>

#include "formats/tiff/tiff_file.h"

namespace lucid {

// A row of pixels or of tiles is held in memory; the largest that microscopes write are some MiB.
inline constexpr std::uint64_t kMostRowBytes = std::uint64_t{1} << 28;

// Returns the value of a tag, or its default.
template <class T>
T field(TIFF* tiff, std::uint32_t tag, T otherwise) {
  T value = otherwise;
  return TIFFGetFieldDefaulted(tiff, tag, &value) != 0 ? value : otherwise;
}

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

}  // namespace lucid
