#include "base/csv.h"

#include <doctest/doctest.h>

namespace lucid {

TEST_CASE("a CSV row quotes fields that hold commas, quotes or line ends") {
  CHECK(CsvRow().add("a").add("b,c").add("say \"d\"").add("e\nf").line() ==
        "a,\"b,c\",\"say \"\"d\"\"\",\"e\nf\"");
  CHECK(CsvRow().line().empty());
  CHECK(CsvRow().add("").add("").line() == ",");
}

TEST_CASE("numbers of a CSV row read back as the same value") {
  CHECK(CsvRow().add(3).add(-4L).add(0.1F).add(0.1).add(1e300).line() == "3,-4,0.1,0.1,1e+300");
  CHECK(CsvRow().add(true).add(false).line() == "1,0");
}

}  // namespace lucid
