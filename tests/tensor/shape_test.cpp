#include "tensor/shape.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

#include "base/error.h"

namespace lucid {

TEST_CASE("a shape knows its extents, elements and text") {
  const Shape shape{2, 3, 4, 5, 6};
  CHECK(shape.rank() == 5);
  CHECK(shape[4] == 6);
  CHECK(shape.elements() == 720);
  CHECK(shape.str() == "2x3x4x5x6");
  CHECK(Shape().elements() == 1);
  CHECK(Shape().str() == "scalar");
  CHECK_THROWS_AS(shape[5], std::out_of_range);
}

TEST_CASE("a batch is put before a shape and taken off again") {
  const Shape sample{3, 4};
  CHECK(sample.with_batch(7) == Shape{7, 3, 4});
  CHECK(sample.with_batch(7).without_first() == sample);
}

TEST_CASE("a shape refuses extents below 1") {
  CHECK_THROWS_WITH_AS((Shape{2, 0}), "expected extents of at least 1, found 0", Error);
  CHECK_THROWS_WITH_AS((Shape{-3}), "expected extents of at least 1, found -3", Error);
}

TEST_CASE("a shape refuses more elements than 63 bits count") {
  const Shape::Extent large = Shape::Extent{1} << 32;
  CHECK((Shape{large, large / 4}).elements() == large / 4 * large);
  CHECK_THROWS_WITH_AS((Shape{large, large / 2}),
                       "a size of 4294967296 x 2147483648 is beyond 64 bits", Error);
  CHECK_THROWS_AS((Shape{large, large, large, large}), Error);
}

TEST_CASE("a checked product is exact or refused") {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  CHECK(checked_product(kMost, 1) == kMost);
  CHECK(checked_product(kMost, 0) == 0);
  CHECK_THROWS_AS(checked_product(kMost, 2), Error);
}

}  // namespace lucid
