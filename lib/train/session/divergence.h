#pragma once

#include <span>
#include <string>

#include "data/loader/loader.h"
#include "kernels/simd/finite.h"

namespace lucid {

// Is thrown when a loss, gradient or parameter is not finite; the trainer adds the position of the
// run.
struct Divergence {
  std::string what;
  bool is_within_step = false;
  bool is_of_data = false;  // the parameters are as sound as before; no learning rate would help
};

// Return what the loader's next() and peek() do; they throw `divergence`, with what the loader
// says, if that refuses a value that is not finite.
const Batch* next_batch(Loader& loader, Divergence divergence);
std::span<const Batch* const> peek_batches(Loader& loader, std::size_t count,
                                           Divergence divergence);

}  // namespace lucid
