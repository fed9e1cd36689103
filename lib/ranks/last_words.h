#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/error.h"
#include "ranks/ranks.h"

namespace lucid {

// How the work of a rank has ended, as bytes that other processes can read.
struct LastWords {
  static constexpr std::size_t kLongest = 8192;

  int code = 0;
  bool is_error = false;
  bool is_about_peer = false;  // the error is that another rank has ended, which says more
  char host[256] = {};
  char message[kLongest] = {};
};

// Does the work of a rank; an exception becomes its last words.
LastWords words_of(Ranks& ranks, const std::function<int(Ranks&)>& work);

// Returns the error to tell the user: that of the lowest rank that has one of its own or, if
// `is_about_peer`, about another rank. It names the rank and, where `all` have one, its host; but
// not the first rank, if its error is that of all, or hosts are not known.
std::optional<Error> first_error(std::span<const LastWords> all, bool is_about_peer);

}  // namespace lucid
