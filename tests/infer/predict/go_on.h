#pragma once

#include <cstdint>

namespace lucid::test {

// A report of progress that never stops an inference.
inline bool go_on(std::int64_t, std::int64_t) { return true; }

}  // namespace lucid::test
