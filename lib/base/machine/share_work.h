#pragma once

#include <cstdint>
#include <functional>

namespace lucid {

// Calls body(i) for i = 0 .. count-1 on up to `threads` threads including the caller's; each takes
// the next free index. The calls must be independent. If some throw, no further calls begin, and
// the exception of the lowest index is rethrown.
void share_work(std::int64_t count, int threads, const std::function<void(std::int64_t)>& body);

}  // namespace lucid
