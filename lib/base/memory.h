#pragma once

#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/error.h"

namespace lucid {

// Returns work(). Turns a lack of memory in it, and sizes beyond what memory can ever hold, into
// Error(kFailed) "place: out of memory".
template <class Work>
decltype(auto) naming_memory(const std::string& place, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    throw Error(ExitCode::kFailed, place + ": out of memory");
  } catch (const std::length_error&) {
    throw Error(ExitCode::kFailed, place + ": out of memory");
  }
}

}  // namespace lucid
