#pragma once

#include <cstdint>
#include <string>

#include "base/stopwatch.h"

namespace lucid {

// Tells on stderr how far a count has come: on a terminal in one line with the remaining time,
// elsewhere in a line every half minute.
class CountBar {
 public:
  enum class Kind { kNone, kDrawn };  // kNone: lines of print() alone

  explicit CountBar(Kind kind);

  void show(std::int64_t done, std::int64_t all);
  void print(const std::string& line);
  void clear();

 private:
  bool is_shown_, is_terminal_;
  std::int64_t first_ = -1;  // done by an earlier run
  Stopwatch since_first_, since_shown_;
};

}  // namespace lucid
