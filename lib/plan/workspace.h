#pragma once

#include <cstddef>
#include <vector>

#include "tensor/storage.h"

namespace lucid {

// Memory for the arenas of several plans, none of which runs while another one does: what a plan
// leaves there is lost as soon as another one runs. It must outlive the plans.
class Workspace {
 public:
  // Returns a block of at least so many bytes, the same one as before where that is large enough.
  std::byte* block(std::size_t bytes);
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<Storage> blocks_;  // plans keep pointers to all of them
  std::size_t largest_ = 0;      // the bytes of the last one
  std::size_t bytes_ = 0;
};

}  // namespace lucid
