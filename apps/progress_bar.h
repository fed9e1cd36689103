#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/stopwatch.h"

namespace lucid {

// The width of the terminal of stderr, as it is now.
std::size_t terminal_columns();

// Shows progress on stderr: on a terminal in one line that is drawn anew and never wraps, otherwise
// in lines.
class ProgressBar {
 public:
  // kNone shows only the lines of print().
  enum class Kind { kNone, kDrawn };

  explicit ProgressBar(Kind kind = Kind::kDrawn);

  // True if draw() may replace the line; otherwise it writes a line each time.
  bool is_terminal() const { return is_terminal_; }
  void draw(const std::string& text);

  // Draws how many items are done and the remaining time, but not too often: every tenth of a
  // second on a terminal, otherwise every half minute.
  void show(std::int64_t done, std::int64_t all);

  // Writes a line in place of the one that is drawn.
  void print(const std::string& line);
  void clear();

 private:
  bool is_shown_, is_terminal_;
  std::int64_t first_ = -1;  // items done by an earlier run
  Stopwatch since_first_, since_shown_;
};

}  // namespace lucid
