#include "support/allocations.h"

#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>

namespace lucid::test {
namespace {

constexpr int kFrames = 12;

std::atomic<bool> is_counting = false;
std::atomic<std::size_t> count = 0;
std::array<void*, kFrames> first_frames;
int first_depth = 0;

#ifndef LUCID_SANITIZE

bool is_of_onednn(void* caller) {
  Dl_info info;
  return dladdr(caller, &info) != 0 && info.dli_fname != nullptr &&
         std::string_view(info.dli_fname).find("libdnnl") != std::string_view::npos;
}

void count_one(void* caller) {
  if (!is_counting || is_of_onednn(caller)) return;
  if (count++ == 0) first_depth = backtrace(first_frames.data(), kFrames);
}

void* allocate(std::size_t bytes, std::size_t alignment, void* caller) {
  count_one(caller);
  const std::size_t wanted = std::max<std::size_t>(bytes, 1);
  void* block =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(wanted)
          : std::aligned_alloc(alignment, (wanted + alignment - 1) / alignment * alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

#endif

}  // namespace

AllocationCount::AllocationCount() {
  backtrace(first_frames.data(), kFrames);  // the first call allocates
  count = 0;
  first_depth = 0;
  is_counting = true;
}

AllocationCount::~AllocationCount() { is_counting = false; }

std::size_t AllocationCount::found() const { return count; }

std::string AllocationCount::first() const {
  std::string text;
  for (int i = 0; i < first_depth; ++i) {
    void* const frame = first_frames[static_cast<std::size_t>(i)];
    Dl_info info;
    if (dladdr(frame, &info) == 0) continue;
    char line[64];
    std::snprintf(
        line, sizeof line, " +0x%zx",
        static_cast<std::size_t>(static_cast<char*>(frame) - static_cast<char*>(info.dli_fbase)));
    text += "\n" + std::string(info.dli_fname) + line;
  }
  return text;
}

}  // namespace lucid::test

#ifndef LUCID_SANITIZE

using lucid::test::allocate;

// GCC takes a delete that it inlines and a new that it does not for a pair that does not match.
// NOLINTBEGIN(misc-new-delete-overloads)
void* operator new(std::size_t bytes) { return allocate(bytes, 1, __builtin_return_address(0)); }
void* operator new[](std::size_t bytes) { return allocate(bytes, 1, __builtin_return_address(0)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete[](void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
// NOLINTEND(misc-new-delete-overloads)

#endif
