#include "tensor/storage.h"

#include <sys/mman.h>

#include <cstdlib>
#include <limits>
#include <new>

namespace lucid {
namespace {

constexpr std::size_t kPage = 4096, kHugePage = std::size_t{2} << 20;

}  // namespace

void FreeStorage::operator()(std::byte* storage) const { std::free(storage); }

Storage allocate_storage(std::size_t bytes) {
  if (bytes == 0) return {};
  const std::size_t page = bytes < kHugePage ? kPage : kHugePage;
  if (bytes > std::numeric_limits<std::size_t>::max() - page) throw std::bad_alloc();
  const std::size_t whole = (bytes + page - 1) / page * page;
  void* storage = std::aligned_alloc(page, whole);
  if (storage == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // A system without huge pages refuses, which does no harm.
  if (page == kHugePage) madvise(storage, whole, MADV_HUGEPAGE);
#endif
  return Storage(static_cast<std::byte*>(storage));
}

}  // namespace lucid
