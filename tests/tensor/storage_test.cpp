#include "tensor/storage.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

namespace lucid {

TEST_CASE("storage lies on pages, large storage on huge ones, and all of it can be written") {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{4097}, std::size_t{5} << 20}) {
    CAPTURE(bytes);
    const Storage storage = allocate_storage(bytes);
    const std::size_t page = bytes < std::size_t{2} << 20 ? 4096 : std::size_t{2} << 20;
    CHECK(reinterpret_cast<std::uintptr_t>(storage.get()) % page == 0);
    std::memset(storage.get(), 7, bytes);
    CHECK(storage[bytes - 1] == std::byte{7});
  }
}

TEST_CASE("storage of nothing is a null pointer, and of more than there is, bad_alloc") {
  CHECK(allocate_storage(0) == nullptr);
  CHECK_THROWS_AS(allocate_storage(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
}

}  // namespace lucid
