#include "train/divergence.h"

#include "base/error.h"

namespace lucid {

const Batch* next_batch(Loader& loader, Divergence divergence) {
  try {
    return loader.next();
  } catch (const Error& error) {
    if (error.code() != ExitCode::kDiverged) throw;
    divergence.what = error.what();
    divergence.is_of_data = true;
    throw divergence;
  }
}

}  // namespace lucid
