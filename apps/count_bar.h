#pragma once

#include <cstdint>
#include <string>

#include "base/stopwatch.h"

namespace lucid {

// Shows on stderr how many items are done: on a terminal in one line with the remaining time,
// otherwise in a line every half minute.
class CountBar {
 public:
  enum class Kind { kNone, kDrawn };  // kNone: only lines of print()

  explicit CountBar(Kind kind);

  void show(std::int64_t done, std::int64_t all);
  void print(const std::string& line);
  void clear();

 private:
  bool is_shown_, is_terminal_;
  std::int64_t first_ = -1;  // items done by an earlier run
  Stopwatch since_first_, since_shown_;
};

}  // namespace lucid
