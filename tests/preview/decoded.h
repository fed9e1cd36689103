#pragma once

#include <doctest/doctest.h>
#include <png.h>

#include <filesystem>
#include <vector>

#include "preview/picture.h"

namespace lucid::test {

// Decodes a PNG with libpng alone.
inline Picture decoded(const std::filesystem::path& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_file(&image, file.c_str()) != 0);
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> bytes(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, bytes.data(), 0, nullptr) != 0);
  Picture picture(image.width, image.height, {});
  for (std::int64_t y = 0; y < picture.height(); ++y)
    for (std::int64_t x = 0; x < picture.width(); ++x) {
      const auto at = static_cast<std::size_t>(3 * (y * picture.width() + x));
      picture.set(x, y, {bytes[at], bytes[at + 1], bytes[at + 2]});
    }
  return picture;
}

inline std::int64_t pixels_of(const Picture& picture, Colour colour) {
  std::int64_t count = 0;
  for (std::int64_t y = 0; y < picture.height(); ++y)
    for (std::int64_t x = 0; x < picture.width(); ++x) count += picture.at(x, y) == colour ? 1 : 0;
  return count;
}

}  // namespace lucid::test
