#include "progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/text.h"

namespace lucid {
namespace {

// A terminal that cannot erase a line is written to as a file is.
bool can_redraw() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && (kind == nullptr || std::string_view(kind) != "dumb");
}

}  // namespace

std::size_t terminal_columns() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const long wanted = columns == nullptr ? 0 : std::strtol(columns, nullptr, 10);
  return wanted > 0 && wanted < 10000 ? static_cast<std::size_t>(wanted) : kUsual;
}

ProgressBar::ProgressBar(Kind kind) : is_shown_(kind == Kind::kDrawn), is_terminal_(can_redraw()) {}

void ProgressBar::draw(const std::string& text) {
  const std::string line = message_line(text);
  if (!is_terminal_) {
    std::cerr << line + "\n" << std::flush;
    return;
  }
  // In the last column some terminals begin a new line. The width is asked for each time: it
  // changes.
  std::string drawn = "\r\033[K";
  drawn += cut_to_width(line, terminal_columns() - 1);
  std::cerr << drawn << std::flush;
}

void ProgressBar::show(std::int64_t done, std::int64_t all) {
  constexpr double kRedrawSeconds = 0.1, kLineSeconds = 30;
  if (!is_shown_) return;
  if (first_ < 0) {
    first_ = done;
    since_first_.restart();
    since_shown_.restart();
  }
  if (since_shown_.seconds() < (is_terminal_ ? kRedrawSeconds : kLineSeconds)) return;
  since_shown_.restart();
  std::string text = std::to_string(done) + "/" + std::to_string(all);
  if (done > first_) {
    const double left = since_first_.seconds() * static_cast<double>(all - done) /
                        static_cast<double>(done - first_);
    text += ", " + std::to_string(static_cast<std::int64_t>(left + 0.5)) + " s left";
  }
  draw(text);
}

void ProgressBar::print(const std::string& line) {
  clear();
  std::cerr << message_line(line) << std::endl;
}

void ProgressBar::clear() {
  if (is_shown_ && is_terminal_) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace lucid
