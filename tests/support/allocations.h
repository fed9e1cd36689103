#pragma once

#include <cstddef>
#include <string>

#include "support/sanitized.h"

namespace lucid::test {

// Counts what any thread allocates by `new` while it lives, oneDNN's own library left out: it
// allocates a little at every call. A primitive, descriptor or memory that our code makes counts,
// since its handle is allocated here. One at a time.
class AllocationCount {
 public:
  AllocationCount();
  ~AllocationCount();
  AllocationCount(const AllocationCount&) = delete;
  AllocationCount& operator=(const AllocationCount&) = delete;

  std::size_t found() const;
  std::string first() const;  // who asked for the first one, as addr2line wants it
};

// Sanitizers replace `new`, so nothing is counted with them.
inline constexpr bool kCountsAllocations = !kIsSanitized;

}  // namespace lucid::test
