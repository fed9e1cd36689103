#include "plan/workspace.h"

namespace lucid {

std::byte* Workspace::block(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  if (bytes > largest_) {
    blocks_.push_back(allocate_storage(bytes));
    largest_ = bytes;
    bytes_ += bytes;
  }
  return blocks_.back().get();
}

}  // namespace lucid
