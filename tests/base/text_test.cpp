#include "base/text.h"

#include <doctest/doctest.h>

#include <limits>

namespace lucid {
namespace {

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the closest match is the word that was meant, or none") {
  const Words known = {"batch_size", "kernel_size", "lr", "stride", "MaxPool3D"};
  struct Row {
    std::string word, expected;
  };
  for (const Row& row : std::vector<Row>{{"bach_size", "batch_size"},
                                         {"BATCH_SIZE", "batch_size"},
                                         {"kernelsize", "kernel_size"},
                                         {"MaxPol3d", "MaxPool3D"},
                                         {"strdie", "stride"},  // neighbours swapped
                                         {"rl", "lr"},
                                         {"stride", "stride"},
                                         {"foo", ""},
                                         {"", ""}}) {
    INFO(row.word);
    CHECK(closest_match(row.word, known) == row.expected);
  }
  CHECK(closest_match("lr", {}) == "");
}

TEST_CASE("of equally near words the first is meant") {
  CHECK(closest_match("cat", Words{"car", "can"}) == "car");
}

TEST_CASE("a suggestion names the near word, or all there are") {
  CHECK(suggestion("lrr", Words{"lr", "momentum"}) == "; did you mean 'lr'?");
  CHECK(suggestion("banana", Words{"lr", "momentum"}) == "; known: lr, momentum");
  CHECK(suggestion("banana", {}) == "");
}

TEST_CASE("thousands are set apart by commas") {
  struct Row {
    std::int64_t number;
    std::string expected;
  };
  for (const Row& row :
       std::vector<Row>{{0, "0"},
                        {999, "999"},
                        {1000, "1,000"},
                        {13946, "13,946"},
                        {1234567, "1,234,567"},
                        {-999, "-999"},
                        {-123456, "-123,456"},
                        {std::numeric_limits<std::int64_t>::min(), "-9,223,372,036,854,775,808"}})
    CHECK(with_thousands(row.number) == row.expected);
}

TEST_CASE("bytes are given in the largest unit that leaves 1 or more") {
  struct Row {
    std::size_t bytes;
    std::string expected;
  };
  for (const Row& row : std::vector<Row>{{0, "0 B"},
                                         {1023, "1023 B"},
                                         {1024, "1.0 KiB"},
                                         {1536, "1.5 KiB"},
                                         {5UL << 20, "5.0 MiB"},
                                         {3UL << 30, "3.0 GiB"},
                                         {2UL << 40, "2.0 TiB"},
                                         {5000UL << 40, "5000.0 TiB"}})
    CHECK(bytes_text(row.bytes) == row.expected);
}

TEST_CASE("numbers are written as the shortest text that reads back the same") {
  CHECK(number_text(0.1F) == "0.1");
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(1.0F / 3) == "0.33333334");
  CHECK(number_text(1.0 / 3) == "0.3333333333333333");
  CHECK(number_text(-0.0F) == "-0");
  CHECK(number_text(1e-7F) == "1e-07");
  CHECK(number_text(16777216.0F) == "16777216");
  CHECK(number_text(std::numeric_limits<float>::quiet_NaN()) == "nan");
  CHECK(number_text(-std::numeric_limits<float>::quiet_NaN()) == "nan");
  CHECK(number_text(std::numeric_limits<float>::infinity()) == "inf");
  CHECK(number_text(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("every float reads back from its text") {
  for (float value = 1e-30F; value < 1e30F; value *= 1.37F)
    CHECK(std::stof(number_text(value)) == value);
}

TEST_CASE("split keeps empty parts") {
  CHECK(split("a.b", '.') == Words{"a", "b"});
  CHECK(split("a..b.", '.') == Words{"a", "", "b", ""});
  CHECK(split("", '.') == Words{""});
}

TEST_CASE("join puts the separator between words only") {
  CHECK(join(Words{"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(join(Words{"a"}, ", ") == "a");
  CHECK(join(Words{}, ", ") == "");
}

TEST_CASE("messages name things in single quotes") { CHECK(in_quotes("lr") == "'lr'"); }

TEST_CASE("text of files is shown without control characters") {
  CHECK(printable("plain \u00e4\u4e2d\U0001f600 'x' \\") == "plain \u00e4\u4e2d\U0001f600 'x' \\");
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable("\x1b[2J\x7f") == "\\x1b[2J\\x7f");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\xe4\xff\xc3") == "\\xe4\\xff\\xc3");
  CHECK(printable("\xc0\xaf\xed\xa0\x80") == "\\xc0\\xaf\\xed\\xa0\\x80");
  CHECK(printable(printable("\n\x1b")) == printable("\n\x1b"));
}

TEST_CASE("numbers are written with so many digits behind the point") {
  CHECK(fixed_text(2.346, 2) == "2.35");
  CHECK(fixed_text(-0.5, 0) == "-0");
  CHECK(fixed_text(1e3, 1) == "1000.0");
  CHECK(fixed_text(1e300, 3).size() == 305);
}

}  // namespace lucid
