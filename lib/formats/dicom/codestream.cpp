#include "formats/dicom/codestream.h"

#include "base/error.h"

namespace lucid {
namespace {

std::uint32_t big(std::span<const char> bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count && at + i < bytes.size(); ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

struct StreamSize {
  std::uint32_t columns = 0, rows = 0;
};

// The segment of the size follows the first mark; its fields are two corners.
StreamSize jpeg2000_size(std::span<const char> stream) {
  const std::uint32_t right = big(stream, 8, 4), bottom = big(stream, 12, 4);
  const std::uint32_t left = big(stream, 16, 4), top = big(stream, 20, 4);
  return {right - left, bottom - top};
}

// Frames of JPEG and JPEG-LS begin with a segment of one of these marks.
bool begins_frame(std::uint32_t mark) {
  const bool is_table = mark == 0xffc4 || mark == 0xffc8 || mark == 0xffcc;
  return mark == 0xfff7 || (mark >= 0xffc0 && mark <= 0xffcf && !is_table);
}

StreamSize jpeg_size(std::span<const char> stream) {
  for (std::size_t at = 2; at + 9 <= stream.size();) {
    const std::uint32_t mark = big(stream, at, 2);
    if (begins_frame(mark)) return {big(stream, at + 7, 2), big(stream, at + 5, 2)};
    if (mark >> 8 != 0xff) return {};
    if (mark == 0xffff)  // filling
      ++at;
    else
      at += 2 + std::max<std::uint32_t>(big(stream, at + 2, 2), 2);
  }
  return {};
}

}  // namespace

void check_codestream(std::span<const char> stream, const DicomPixels& pixels,
                      const std::string& place) {
  const std::uint32_t begin = big(stream, 0, 2);
  if (begin != 0xffd8 && begin != 0xff4f) return;
  const StreamSize size = begin == 0xff4f ? jpeg2000_size(stream) : jpeg_size(stream);
  if (size.columns == static_cast<std::uint32_t>(pixels.columns) &&
      size.rows == static_cast<std::uint32_t>(pixels.rows))
    return;
  fail(place, "PixelData: expected a compressed frame of " + std::to_string(pixels.columns) +
                  " x " + std::to_string(pixels.rows) + " pixels, found " +
                  std::to_string(size.columns) + " x " + std::to_string(size.rows));
}

}  // namespace lucid
