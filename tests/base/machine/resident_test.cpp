#include "base/machine/resident.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

namespace lucid {

TEST_CASE("the peak of memory rises with what is touched, and starts anew where that is possible") {
  constexpr std::size_t kBytes = 256 << 20;
  const std::size_t before = peak_resident_bytes();
  CHECK(before > 0);
  CHECK(resident_bytes() > 0);
  constexpr std::size_t kLate = 16 << 20;  // the system may count the peak later
  CHECK(resident_bytes() <= peak_resident_bytes() + kLate);
  volatile char touched = 0;
  {
    const std::unique_ptr<char[]> block(new char[kBytes]);
    std::fill(block.get(), block.get() + kBytes, '\1');
    touched = block[kBytes / 2];
  }
  CHECK(touched == 1);
  const std::size_t with_block = peak_resident_bytes();
  CHECK(with_block >= kBytes);
#ifndef LUCID_SANITIZE  // sanitizers delay the release of memory
  if (restart_peak_resident()) CHECK(peak_resident_bytes() + kBytes / 2 < with_block);
#endif
}

}  // namespace lucid
