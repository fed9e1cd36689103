#include "base/table.h"

#include <doctest/doctest.h>

namespace lucid {

TEST_CASE("a table sets words to the left and numbers to the right") {
  Table table({"layer", "count"});
  table.add({"conv", "13,946"});
  table.add({"fc", "7"});
  CHECK(table.text() ==
        "layer   count\n"
        "conv   13,946\n"
        "fc          7\n");
}

TEST_CASE("a remark at the end of a short row widens no column") {
  Table table({"name", "type", "range"});
  table.add({"a", "uint8", "0 .. 9"});
  table.add({"b", "unreadable: a very long reason"});
  CHECK(table.text() ==
        "name  type   range\n"
        "a     uint8  0 .. 9\n"
        "b     unreadable: a very long reason\n");
}

TEST_CASE("wide letters line up and control characters are written out") {
  Table table({"name", "value"});
  table.add({"\xe8\x85\xa6", "1"});
  table.add({"a\nb", "undefined"});
  CHECK(table.text() ==
        "name      value\n"
        "\xe8\x85\xa6            1\n"
        "a\\nb  undefined\n");
}

}  // namespace lucid
