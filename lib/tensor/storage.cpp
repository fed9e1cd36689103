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

// What does not fill the last huge page takes small ones: a network keeps transformed weights of a
// few MiB each.
Storage allocate_storage(std::size_t bytes) {
  if (bytes == 0) return {};
  const std::size_t alignment = bytes < kHugePage ? kPage : kHugePage;
  if (bytes > std::numeric_limits<std::size_t>::max() - kPage) throw std::bad_alloc();
  const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
  void* storage = nullptr;
  if (posix_memalign(&storage, alignment, whole) != 0) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // A system without huge pages refuses, which does no harm.
  if (alignment == kHugePage) madvise(storage, whole / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
  return Storage(static_cast<std::byte*>(storage));
}

}  // namespace lucid
