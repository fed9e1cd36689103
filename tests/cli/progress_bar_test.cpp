#include "progress_bar.h"

#include "base/text.h"
#include "support/terminal.h"

// Draws on a terminal of our own.
namespace lucid {
namespace {

using test::on_terminal;

}  // namespace

TEST_CASE("a progress bar is never wider than the terminal") {
  const std::string name = "12% 腦" + std::string(200, 'n');
  for (const int columns : {200, 80, 40, 10, 2}) {
    CAPTURE(columns);
    const std::string drawn = on_terminal(columns, "xterm", [&] { ProgressBar().draw(name); });
    REQUIRE(drawn.starts_with("\r\033[K"));
    const auto width = static_cast<int>(display_width(drawn.substr(4)));
    CHECK(width < columns);
    CHECK(width + 3 > columns);
    CHECK(name.starts_with(drawn.substr(4)));
  }
}

TEST_CASE("a terminal that became narrower gets a narrower bar") {
  const std::string drawn = on_terminal(80, "xterm", [] {
    ProgressBar bar;
    winsize size{};
    size.ws_col = 20;
    ioctl(STDERR_FILENO, TIOCSWINSZ, &size);
    bar.draw(std::string(100, 'n'));
  });
  CHECK(drawn == "\r\033[K" + std::string(19, 'n'));
}

TEST_CASE("names cannot move the cursor") {
  CHECK(on_terminal(80, "xterm", [] { ProgressBar().draw("a\n\033[2Jb"); }) ==
        "\r\033[Ka\\n\\x1b[2Jb");
}

TEST_CASE("a dumb terminal gets lines") {
  const std::string drawn = on_terminal(80, "dumb", [] {
    ProgressBar bar;
    CHECK_FALSE(bar.is_terminal());
    bar.draw("10% a");
    bar.clear();
  });
  CHECK(drawn == "10% a\r\n");
}

TEST_CASE("the width is that of COLUMNS where the terminal does not tell") {
  CHECK(on_terminal(0, "xterm", [] {
          setenv("COLUMNS", "30", 1);
          ProgressBar().draw(std::string(100, 'n'));
        }) == "\r\033[K" + std::string(29, 'n'));
}

}  // namespace lucid
