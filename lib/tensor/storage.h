#pragma once

#include <cstddef>
#include <memory>

namespace lucid {

struct FreeStorage {
  void operator()(std::byte* storage) const;
};
using Storage = std::unique_ptr<std::byte[], FreeStorage>;

// What a plan's values live in, aligned to pages; not set to anything. Where the system offers huge
// pages, large storage asks for them: kernels that walk through volumes then wait less for
// addresses. 0 bytes are a null pointer; throws std::bad_alloc.
Storage allocate_storage(std::size_t bytes);

}  // namespace lucid
