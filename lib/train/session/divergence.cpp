#include "train/session/divergence.h"

#include <utility>

#include "base/error.h"

namespace lucid {
namespace {

template <class Ask>
auto asked(const Ask& ask, Divergence divergence) {
  try {
    return ask();
  } catch (const Error& error) {
    if (error.code() != ExitCode::kDiverged) throw;
    divergence.what = error.what();
    divergence.is_of_data = true;
    throw divergence;
  }
}

}  // namespace

const Batch* next_batch(Loader& loader, Divergence divergence) {
  return asked([&] { return loader.next(); }, std::move(divergence));
}

std::span<const Batch* const> peek_batches(Loader& loader, std::size_t count,
                                           Divergence divergence) {
  return asked([&] { return loader.peek(count); }, std::move(divergence));
}

}  // namespace lucid
