#include "progress_bar.h"

#include <unistd.h>

#include <iostream>

#include "base/text.h"

namespace lucid {

ProgressBar::ProgressBar(Kind kind)
    : is_shown_(kind == Kind::kDrawn), is_terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressBar::draw(const std::string& text) {
  std::cerr << (is_terminal_ ? "\r\033[K" + text : text + "\n") << std::flush;
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
  std::cerr << line << std::endl;
}

void ProgressBar::clear() {
  if (is_shown_ && is_terminal_) std::cerr << "\r\033[K" << std::flush;
}

}  // namespace lucid
