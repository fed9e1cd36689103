#include "data/statistics/labels.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/volumes/memory_set.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

MemorySet labelled(std::vector<float> labels) {
  MemorySet set = counting_set(labels.size());
  set.labels = std::move(labels);
  return set;
}

}  // namespace

TEST_CASE("labels are counted by class, the ignored left out") {
  CHECK(count_labels(labelled({0, 2, 2, -100}), 4, -100) == std::vector<std::int64_t>{1, 0, 2, 0});
  CHECK(count_labels(labelled({0, 1}), 2, 1) == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("a label outside the classes is refused with its place") {
  CHECK(error_of([] {
          count_labels(labelled({0, 3}), 3, -100);
        }) ==
        "3: a.h5: /y, sample 1: expected a class from 0 to 2 or -100 (ignore_index), found 3");
  CHECK(error_of([] { count_labels(labelled({-1}), 3, 1); }) ==
        "3: a.h5: /y, sample 0: expected a class from 0 to 2, found -1");
  CHECK(error_of([] { count_labels(labelled({0.5}), 3, {}); }) ==
        "3: a.h5: /y, sample 0: expected a class from 0 to 2, found 0.5");
}
