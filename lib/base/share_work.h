#pragma once

#include <cstdint>
#include <functional>

namespace lucid {

// Calls body(i) for i = 0 .. count-1 from up to `threads` threads, the caller's among them; each
// takes the next number that nobody has. The calls must be independent. When some throw, what the
// one of the lowest number threw is rethrown, and no further calls begin.
void share_work(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body);

}  // namespace lucid
