#pragma once
// Private to this room.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lucid {

struct Colour {
  std::uint8_t r = 0, g = 0, b = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

// Mixes two colours; `share` is the weight of b.
Colour mixed(Colour a, Colour b, double share);

// Rows of pixels from the top left. Drawing beyond the edge is clipped.
class Picture {
 public:
  Picture(std::int64_t width, std::int64_t height, Colour background);

  std::int64_t width() const { return width_; }
  std::int64_t height() const { return height_; }
  Colour at(std::int64_t x, std::int64_t y) const { return pixels_[index(x, y)]; }
  void set(std::int64_t x, std::int64_t y, Colour colour);
  void fill(std::int64_t x, std::int64_t y, std::int64_t width, std::int64_t height, Colour colour);
  void paste(std::int64_t x, std::int64_t y, const Picture& picture);

  std::vector<std::byte> png() const;

 private:
  std::size_t index(std::int64_t x, std::int64_t y) const {
    return static_cast<std::size_t>(y * width_ + x);
  }

  std::int64_t width_, height_;
  std::vector<Colour> pixels_;
};

}  // namespace lucid
