#include "preview/picture.h"

#include <png.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "base/error.h"

namespace lucid {

Colour mixed(Colour a, Colour b, double share) {
  const auto mix = [share](std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>(std::lround(from + share * (to - from)));
  };
  return {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)};
}

Picture::Picture(std::int64_t width, std::int64_t height, Colour background)
    : width_(width), height_(height) {
  assert(width > 0 && height > 0);
  pixels_.assign(static_cast<std::size_t>(width * height), background);
}

void Picture::set(std::int64_t x, std::int64_t y, Colour colour) {
  if (x >= 0 && y >= 0 && x < width_ && y < height_) pixels_[index(x, y)] = colour;
}

void Picture::fill(std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height,
                   Colour colour) {
  for (std::int64_t row = y; row < y + height; ++row)
    for (std::int64_t column = x; column < x + width; ++column) set(column, row, colour);
}

void Picture::paste(std::int64_t x, std::int64_t y, const Picture& picture) {
  for (std::int64_t row = 0; row < picture.height_; ++row)
    for (std::int64_t column = 0; column < picture.width_; ++column)
      set(x + column, y + row, picture.at(column, row));
}

std::vector<std::byte> Picture::png() const {
  static_assert(sizeof(Colour) == 3);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width_);
  image.height = static_cast<png_uint_32>(height_);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::byte> bytes(size);
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels_.data(), 0, nullptr) == 0)
    throw Error(ExitCode::kFailed, std::string("the picture cannot be made: ") + image.message);
  bytes.resize(size);
  return bytes;
}

}  // namespace lucid
