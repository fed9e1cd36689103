#pragma once
// Private to this room.

#include <string>

#include "base/error.h"
#include "ranks/ranks.h"
#include "train/session/divergence.h"

namespace lucid {

// An error that one of the ranks meets while each does a part of some work. The others finish their
// parts; then all of them throw the error of the first part that has one, as a single process
// would.
class SharedFailure {
 public:
  void clear() { text_.clear(); }
  // Calls work(), unless that has failed, and keeps its Error or Divergence.
  template <class Work>
  void guard(const Work& work) {
    if (!text_.empty()) return;
    try {
      work();
    } catch (const Error& error) {
      keep(error);
    } catch (const Divergence& divergence) {
      keep(divergence);
    }
  }
  // All ranks call it, in the order of their parts.
  void rethrow_first(Ranks& ranks);

 private:
  void keep(const Error& error);
  void keep(const Divergence& divergence);

  std::string text_;  // empty: none; otherwise kind and code, then the message
};

}  // namespace lucid
