#pragma once
// Private to this room.

#include <functional>
#include <vector>

#include "formats/readers/byte_stream.h"
#include "formats/tiff/tiff_file.h"

namespace lucid {

// Moves to page `index` of the volume and returns its file. Throws Error(kData).
using TiffPages = std::function<TiffFile&(std::size_t index)>;

// The decoded rows of pages, one after another. Memory: one row.
class TiffBytes : public ByteStream {
 public:
  TiffBytes(TiffPages pages, std::size_t count, const TiffPage& page);

  std::size_t read(std::span<std::byte> out) override;
  std::uint64_t most_left() const override { return left_; }
  bool knows_size() const override { return true; }

 private:
  void next_row(std::span<std::byte> out);

  TiffPages pages_;
  TiffPage page_;  // all pages are stored alike
  TiffFile* file_ = nullptr;
  std::size_t next_page_ = 0;
  std::int64_t next_row_ = 0;
  std::uint64_t left_;
  std::vector<std::byte> row_;
  std::size_t used_ = 0;  // of the row
};

// Returns what the pages and the axes inside a page make together.
VolumeHeader header_of_pages(const TiffPage& page, PageOrder order);

}  // namespace lucid
