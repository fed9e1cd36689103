#pragma once
// Private to this room.

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/readers/volume_file.h"
#include "formats/tiff/page_order.h"

namespace lucid {

// How the pixels of a page are stored.
struct TiffPage {
  TiffPageShape shape;
  NumberCoding coding;     // decoded rows have this machine's byte order
  bool is_planar = false;  // the samples of a pixel are planes of their own
  // Of a page whose pixels are one uncompressed piece: where it begins; 0 if not.
  std::uint64_t raw_offset = 0;
  bool is_raw_swapped = false;  // of that piece

  std::uint64_t row_bytes() const;
  std::int64_t rows() const;  // of all planes of a page
  bool has_same_pixels(const TiffPage& other) const;
  std::string text() const;  // "2 x 3 pixels of 1 samples of uint8"
};

// A TIFF file, read page by page and row by row through libtiff, which prints nothing. Throws
// Error(kData) "FILE: page N: ..." for what is damaged or not read; Error(kUsage) if lucid was
// built without libtiff.
class TiffFile {
 public:
  explicit TiffFile(const std::filesystem::path& path);
  ~TiffFile();
  TiffFile(TiffFile&&) noexcept;

  const std::string& place() const;
  // Moves to the next page and checks it: the first one after opening. Returns false at the end.
  bool next();
  // True if a page follows, which need not be readable.
  bool has_next() const;
  // A page may be a smaller copy of another one.
  bool is_reduced() const;
  TiffPage page() const;
  std::string description() const;
  std::uint64_t offset() const;  // of the page's directory, for go_to()
  void go_to(std::uint64_t offset, std::size_t number);

  // Reads rows one after another, from the first of the page; `row` counts them over all planes.
  void read_row(std::int64_t row, std::span<std::byte> out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lucid
