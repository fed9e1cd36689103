#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace lucid {

// Extents, outermost first: N, C, D, H, W. Every extent is at least 1, and the product fits into 63
// bits. Rank 0 is a scalar.
class Shape {
 public:
  using Extent = std::int64_t;

  Shape() = default;
  // Throws Error for an extent below 1 or an overflow.
  Shape(std::initializer_list<Extent> extents);
  explicit Shape(std::vector<Extent> extents);

  std::size_t rank() const { return extents_.size(); }
  Extent operator[](std::size_t axis) const;  // throws on a bad axis
  Extent elements() const { return elements_; }
  // The number of elements as a size of buffers.
  std::size_t count() const { return static_cast<std::size_t>(elements_); }
  const std::vector<Extent>& extents() const { return extents_; }
  Shape with_batch(Extent n) const;  // {16,8,8,8} -> {n,16,8,8,8}
  Shape without_first() const;       // {n,16,8,8,8} -> {16,8,8,8}
  std::string str() const;           // "16x8x8x8"; rank 0: "scalar"

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<Extent> extents_;
  Extent elements_ = 1;
};

// Returns a * b for extents and bytes, which are not negative. Throws Error naming both if the
// product does not fit into 63 bits.
std::int64_t checked_product(std::int64_t a, std::int64_t b);

}  // namespace lucid
