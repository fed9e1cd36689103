#include "data/volumes/value_rule.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "support/from_text.h"

namespace lucid::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

constexpr ValueRule kThreeClasses{ValueRule::Kind::kClass, 3, -100};
constexpr ValueRule kShare{ValueRule::Kind::kShare};

// The index of the refused value among 37 others.
std::size_t refused_among(float good, float bad, const ValueRule& rule) {
  std::vector<float> values(37, good);
  values[29] = bad;
  return find_refused(values, rule);
}

}  // namespace

TEST_CASE("stored values are compared in their own type") {
  CHECK(kThreeClasses.refuses(std::int64_t{4294967296 + 1}));
  CHECK(kThreeClasses.refuses(std::numeric_limits<std::uint64_t>::max() - 99));
  CHECK(kThreeClasses.refuses(std::int8_t{-1}));
  CHECK(kThreeClasses.refuses(std::uint8_t{156}));  // the bits of -100
  CHECK(kThreeClasses.refuses(2.5));
  CHECK(kThreeClasses.refuses(kNan));
  CHECK_FALSE(kThreeClasses.refuses(std::int64_t{-100}));
  CHECK_FALSE(kThreeClasses.refuses(std::uint64_t{2}));
  CHECK_FALSE(kThreeClasses.refuses(2.0));
  // Both are 16777216 as a float.
  constexpr ValueRule kLarge{ValueRule::Kind::kClass, 3, 16777217};
  CHECK(kLarge.refuses(std::int32_t{16777216}));
  CHECK_FALSE(kLarge.refuses(std::int32_t{16777217}));
  CHECK(kShare.refuses(std::uint8_t{2}));
  CHECK_FALSE(kShare.refuses(0.5));
  CHECK(ValueRule{}.refuses(1e300));
  CHECK(ValueRule{}.refuses(-kInfinity));
  CHECK_FALSE(ValueRule{}.refuses(std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("the first value that a rule refuses is found among floats") {
  for (const float bad : {-1.F, 3.F, 0.5F, 2.0000002F, kNan, kInfinity, 16777216.F})
    CHECK(refused_among(2, bad, kThreeClasses) == 29);
  CHECK(refused_among(2, -100, kThreeClasses) == 37);
  for (const float bad : {-1e-30F, 1.0000001F, 255.F, kNan})
    CHECK(refused_among(1, bad, kShare) == 29);
  CHECK(refused_among(1, 0, kShare) == 37);
  CHECK(refused_among(-5, -5, {ValueRule::Kind::kShare, 0, -5}) == 37);
  for (const float bad : {kNan, -kNan, kInfinity, -kInfinity})
    CHECK(refused_among(3e38F, bad, {}) == 29);
  CHECK(refused_among(0, -3e38F, {}) == 37);
  CHECK(find_refused({}, {}) == 0);
}

TEST_CASE("a refused value is data that diverges if it is not finite, and wrong data else") {
  const StoredValue found{"a.h5: /y, sample 3", "7"};
  CHECK(error_of([&] { refuse(found, kThreeClasses); }) ==
        "3: a.h5: /y, sample 3: expected a class from 0 to 2 or -100 (ignore_index), found 7");
  CHECK(error_of([&] {
          refuse(found, {ValueRule::Kind::kClass, 3, 1});
        }) == "3: a.h5: /y, sample 3: expected a class from 0 to 2, found 7");
  CHECK(error_of([&] { refuse(found, kShare); }) ==
        "3: a.h5: /y, sample 3: expected a number from 0 to 1, found 7");
  CHECK(error_of([&] {
          refuse({"a.h5: /x", "nan"}, {});
        }) ==
        "4: a.h5: /x: expected a finite number, found nan; the data is at fault, not the learning "
        "rate: correct it or leave it out");
}

}  // namespace lucid::test
