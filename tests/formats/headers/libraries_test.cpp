#include "formats/headers/libraries.h"

#include <doctest/doctest.h>

#include "support/from_text.h"

TEST_CASE("a program that was built without a library says how to get it") {
  CHECK(lucid::test::error_of([] { lucid::fail_without_library("a.tif", "libtiff"); }) ==
        "2: a.tif: this lucid was built without libtiff, which is needed to read it; install "
        "libtiff-dev and build lucid again");
}
