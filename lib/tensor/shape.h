#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace lucid {

// Extents, outermost first: N, C, D, H, W. Every extent is at least 1; the product fits 63 bits.
// Rank 0 is one element.
class Shape {
 public:
  using Extent = std::int64_t;

  Shape() = default;
  Shape(std::initializer_list<Extent> extents);  // throws Error on an extent below 1 or an overflow
  explicit Shape(std::vector<Extent> extents);

  std::size_t rank() const { return extents_.size(); }
  Extent operator[](std::size_t axis) const;  // throws on a bad axis
  Extent elements() const { return elements_; }
  std::size_t count() const {
    return static_cast<std::size_t>(elements_);
  }  // elements, as buffers count
  const std::vector<Extent>& extents() const { return extents_; }
  Shape with_batch(Extent n) const;  // {16,8,8,8} -> {n,16,8,8,8}
  Shape without_first() const;       // {n,16,8,8,8} -> {16,8,8,8}
  std::string str() const;           // "16x8x8x8"; rank 0: "scalar"

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<Extent> extents_;
  Extent elements_ = 1;
};

// a * b; throws Error naming both when the product does not fit 63 bits. For extents and bytes,
// never negative.
std::int64_t checked_product(std::int64_t a, std::int64_t b);

}  // namespace lucid
