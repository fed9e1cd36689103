#pragma once

#include <string>

#include "data/loader/loader.h"
#include "kernels/simd/finite.h"

namespace lucid {

// Is thrown when a loss, gradient or parameter is not finite; the trainer adds the position of the
// run.
struct Divergence {
  std::string what;
  bool is_within_step = false;
  bool is_of_data = false;  // no learning rate would help
};

// Returns the loader's next batch; throws `divergence`, with what the loader says, if that refuses
// a value that is not finite.
const Batch* next_batch(Loader& loader, Divergence divergence);

}  // namespace lucid
