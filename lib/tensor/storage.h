#pragma once

#include <cstddef>
#include <memory>

namespace lucid {

struct FreeStorage {
  void operator()(std::byte* storage) const;
};
using Storage = std::unique_ptr<std::byte[], FreeStorage>;

// Allocates uninitialised memory for a plan's values, aligned to pages. Large storage asks for huge
// pages if the system has them, which reduces TLB misses in kernels that sweep volumes. Returns
// null for 0 bytes; throws std::bad_alloc.
Storage allocate_storage(std::size_t bytes);

}  // namespace lucid
