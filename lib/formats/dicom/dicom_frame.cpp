#include "formats/dicom/dicom_frame.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "formats/dicom/codestream.h"
#include "formats/readers/byte_stream.h"

namespace lucid {
namespace {

// A compressed frame of one colour may be tiny; a larger one than this is no slice of a volume.
constexpr std::size_t kMostFrameBytes = std::size_t{1} << 28;

std::uint32_t little(const std::byte* bytes) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<std::uint32_t>(bytes[i]);
  return value;
}

// Pixels that are compressed lie in items: a table of offsets, and the fragments of the frame.
std::vector<std::vector<char>> fragments_of(const DicomImage& image) {
  constexpr std::uint32_t kItem = 0xe000fffe, kEnd = 0xe0ddfffe;  // as read little-endian
  const std::string place = image.path.string();
  const auto stream = open_bytes(image.path, image.pixels_at);
  std::vector<std::vector<char>> fragments;
  for (bool is_table = true;; is_table = false) {
    std::array<std::byte, 8> head{};
    read_exactly(*stream, head, place, "PixelData");
    const std::uint32_t tag = little(head.data()), length = little(&head[4]);
    if (tag == kEnd) break;
    if (tag != kItem) fail(place, "PixelData: expected fragments, found another element");
    if (length > stream->most_left())
      fail(place, "PixelData: expected a fragment of " + with_thousands(length) + " bytes, found " +
                      with_thousands(static_cast<std::int64_t>(stream->most_left())) +
                      "; the file is cut short");
    std::vector<char> fragment(length);
    read_exactly(*stream, std::as_writable_bytes(std::span(fragment)), place, "PixelData");
    if (!is_table) fragments.push_back(std::move(fragment));
  }
  if (fragments.empty()) fail(place, "PixelData: expected a compressed frame, found none");
  return fragments;
}

template <class T>
void keep_stored_bits(std::span<std::byte> bytes, const DicomPixels& pixels) {
  const int above = pixels.bits_allocated - 1 - pixels.high_bit;
  const int unused = pixels.bits_allocated - pixels.bits_stored;
  auto* values = reinterpret_cast<T*>(bytes.data());
  for (std::size_t i = 0; i < bytes.size() / sizeof(T); ++i) {
    const auto shifted = static_cast<std::make_unsigned_t<T>>(
        static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(values[i])) << above);
    values[i] = static_cast<T>(static_cast<T>(shifted) >> unused);
  }
}

void swap_pairs(std::span<std::byte> bytes, std::size_t size) {
  for (std::size_t at = 0; at + size <= bytes.size(); at += size)
    std::reverse(&bytes[at], &bytes[at] + size);
}

}  // namespace

std::vector<std::byte> read_frame(const DicomImage& image) {
  const DicomPixels& pixels = image.pixels;
  const std::string place = image.path.string();
  const std::size_t bytes = pixels.frame_bytes(), size = element_bytes(pixels.element());
  std::vector<std::byte> frame;
  if (image.syntax.is_encapsulated) {
    if (bytes > kMostFrameBytes)
      fail(place, "PixelData: expected a compressed frame of at most " +
                      bytes_text(kMostFrameBytes) + ", found " + pixels.text());
    const auto fragments = fragments_of(image);
    check_codestream(fragments.front(), pixels, place);
    frame.resize(bytes);
    decode_frame(image, fragments, frame);
  } else {
    const auto stream = open_bytes(image.path, image.pixels_at);
    if (bytes > stream->most_left()) fail(place, "PixelData: the file is cut short");
    frame.resize(bytes);
    read_exactly(*stream, frame, place, "PixelData");
    if (image.syntax.is_big_endian != (std::endian::native == std::endian::big))
      swap_pairs(frame, size);
  }
  if (pixels.bits_stored < pixels.bits_allocated)
    with_element(pixels.element(), [&](auto element) {
      if constexpr (std::is_integral_v<decltype(element)>)
        keep_stored_bits<decltype(element)>(frame, pixels);
    });
  return frame;
}

}  // namespace lucid
