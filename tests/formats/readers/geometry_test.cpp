#include "formats/readers/geometry.h"

#include <doctest/doctest.h>

#include <cmath>

#include "formats/headers/units.h"

using namespace lucid;

TEST_CASE("an affine is singular where its directions do not span space") {
  CHECK(!is_singular({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}));
  CHECK(!is_singular({1e-6, 0, 0, 5, 0, 1e-6, 0, 6, 0, 0, 1e-6, 7, 0, 0, 0, 1}));  // nanometres
  CHECK(!is_singular({0, 2, 0, 0, 1, 0.5, 0, 0, 0, 0, -3, 0, 0, 0, 0, 1}));
  CHECK(is_singular({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  CHECK(is_singular({1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}));
  CHECK(is_singular({1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1}));
  CHECK(is_singular({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, NAN, 0, 0, 0, 1}));
  CHECK(is_singular({1, 0, 0, 0, 0, HUGE_VAL, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}));
}

TEST_CASE("units of length are known by their usual names") {
  CHECK(millimetres_of("mm") == 1);
  CHECK(millimetres_of("Meters") == 1e3);
  CHECK(millimetres_of(" um ") == 1e-3);
  CHECK(millimetres_of("\u03bcm") == 1e-3);
  CHECK(millimetres_of("microns") == 1e-3);
  CHECK(millimetres_of("inch") == 25.4);
  CHECK(millimetres_of("") == 1);
  CHECK(millimetres_of("???") == 1);
  for (const char* other : {"s", "mmm", "HU", "|", "m|dm", "parsec"})
    CHECK(!millimetres_of(other).has_value());
}
