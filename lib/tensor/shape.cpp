#include "tensor/shape.h"

#include "base/error.h"

namespace lucid {

std::int64_t checked_product(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product))
    throw Error(ExitCode::kUsage, "a size of " + std::to_string(a) + " x " + std::to_string(b) +
                                      " is beyond 64 bits");
  return product;
}

Shape::Shape(std::initializer_list<Extent> extents) : Shape(std::vector<Extent>(extents)) {}

Shape::Shape(std::vector<Extent> extents) : extents_(std::move(extents)) {
  for (const Extent extent : extents_) {
    if (extent < 1)
      throw Error(ExitCode::kUsage,
                  "expected extents of at least 1, found " + std::to_string(extent));
    elements_ = checked_product(elements_, extent);
  }
}

Shape::Extent Shape::operator[](std::size_t axis) const { return extents_.at(axis); }

Shape Shape::with_batch(Extent n) const {
  std::vector<Extent> extents{n};
  extents.insert(extents.end(), extents_.begin(), extents_.end());
  return Shape(std::move(extents));
}

Shape Shape::without_first() const {
  return Shape(std::vector<Extent>(extents_.begin() + 1, extents_.end()));
}

std::string Shape::str() const {
  if (extents_.empty()) return "scalar";
  std::string text;
  for (const Extent extent : extents_) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

}  // namespace lucid
