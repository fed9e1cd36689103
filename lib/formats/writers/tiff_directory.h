#pragma once
// Private to this room.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lucid {

// Both forms of TIFF: offsets of 32 bits, and BigTIFF with 64.
enum class TiffForm { kClassic, kBig };

// The types of the values of a tag, by TIFF's numbers.
enum class TiffType : std::uint16_t { kText = 2, kShort = 3, kLong = 4, kRational = 5, kOffset };

// The directories of a file, one for each page, which are written behind all pixels.
class TiffDirectories {
 public:
  // `begin` is the offset of the first byte of text() in the file, an even number.
  TiffDirectories(TiffForm form, std::uint64_t begin) : form_(form), begin_(begin) {}

  // Adds a tag to the next directory, in the order of their numbers. A text has its end; a rational
  // are two numbers. Offsets are as wide as the form has them.
  void add(std::uint16_t tag, TiffType type, const std::vector<std::uint64_t>& values);
  void add(std::uint16_t tag, std::string_view text);
  // Ends a directory.
  void end_page();

  std::uint64_t first() const { return first_; }  // the offset of the first directory
  const std::string& text() const { return text_; }

 private:
  struct Entry {
    std::uint16_t tag, type;
    std::uint64_t count;
    std::string values;
  };
  std::string number(std::uint64_t value) const;  // as wide as an offset

  TiffForm form_;
  std::uint64_t begin_, first_ = 0;
  std::size_t next_at_ = 0;  // where in the text the offset of the next directory goes
  std::vector<Entry> entries_;
  std::string text_;
};

// The first bytes of a file.
std::string tiff_header(TiffForm form, std::uint64_t first_directory);

}  // namespace lucid
