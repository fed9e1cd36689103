#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace lucid {

TEST_CASE("text is shown with its control characters written out") {
  struct Row {
    std::string text, shown;
  };
  const Row kRows[] = {{"plain", "plain"},
                       {"a\nb\tc\r", "a\\nb\\tc\\r"},
                       {std::string("a\0b", 3), "a\\x00b"},
                       {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
                       {"Größe 腦", "Größe 腦"},
                       {"\xe9t\xe9", "\\xe9t\\xe9"},
                       {"\xc0\x80", "\\xc0\\x80"},
                       {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
                       {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"},
                       {"a\u202eb\u2028", "a\\u202eb\\u2028"},
                       {"\u0085", "\\u0085"}};
  for (const Row& row : kRows) {
    CHECK(printable(row.text) == row.shown);
    CHECK(printable(row.shown) == row.shown);
  }
}

TEST_CASE("long text is shown by its beginning and its end") {
  CHECK(shortened("abcdefghij", 10) == "abcdefghij");
  CHECK(shortened("abcdefghijk", 10) == "abcd...ijk");
  CHECK(shortened(std::string(100000, 'a') + "z", 20) == "aaaaaaaaaaa...aaaaaz");
  CHECK(shortened("ääääääääääö", 10) == "ääää...ääö");
  CHECK(shortened(std::string(1000, '\n'), 10).size() == 10);
  CHECK(in_quotes(std::string(100000, 'a')).size() == 302);
}

TEST_CASE("an error is one printable line of bounded length, several are several") {
  CHECK(std::string(Error(ExitCode::kData, "a\nb: \x1b").what()) == "a\\nb: \\x1b");
  CHECK(std::string(Error(ExitCode::kData, std::string(1000000, 'a')).what()).size() == 4000);
  const std::vector<std::string> lines{"a: 1", "b\n: 2"};
  const Error both(ExitCode::kUsage, lines);
  CHECK(std::string(both.what()) == "a: 1\nb\\n: 2");
  const Error same(ExitCode::kData, both);
  CHECK(same.code() == ExitCode::kData);
  CHECK(std::string(same.what()) == both.what());
}

TEST_CASE("the width of text is counted in columns of a terminal") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("Größe") == 5);
  CHECK(display_width("腦.nii") == 6);
  CHECK(display_width("e\u0301") == 1);
  CHECK(cut_to_width("腦腦.nii", 3) == "腦");
  CHECK(cut_to_width("腦腦.nii", 80) == "腦腦.nii");
  CHECK(cut_to_width("abc", 0) == "");
}

TEST_CASE("a value that is not defined is called so") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(value_text(nan) == "undefined");
  CHECK(value_text(-nan) == "undefined");
  CHECK(value_text(0.5F) == "0.5");
  CHECK(fixed_value_text(static_cast<double>(-nan), 4) == "undefined");
  CHECK(fixed_value_text(0.5, 4) == "0.5000");
}

}  // namespace lucid
