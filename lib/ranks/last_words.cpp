#include "ranks/last_words.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "base/text.h"

namespace lucid {
namespace {

std::string named(std::span<const LastWords> all, std::size_t rank) {
  const LastWords& words = all[rank];
  const auto is_same = [&](const LastWords& other) {
    return other.is_error && std::strcmp(other.message, words.message) == 0;
  };
  const std::string host = words.host, message = words.message;
  if (rank == 0 && (host.empty() || std::ranges::all_of(all, is_same))) return message;
  return "rank " + std::to_string(rank) + (host.empty() ? "" : " (" + host + ")") + ": " + message;
}

}  // namespace

LastWords words_of(Ranks& ranks, const std::function<int(Ranks&)>& work) {
  LastWords words;
  const auto say = [&](ExitCode code, const char* message) {
    words.code = static_cast<int>(code);
    words.is_error = true;
    words.is_about_peer = ranks.has_lost_peer();
    std::strncpy(words.message, message, LastWords::kLongest - 1);
  };
  try {
    words.code = work(ranks);
  } catch (const Error& error) {
    say(error.code(), error.what());
  } catch (const std::exception& error) {
    say(ExitCode::kFailed, error.what());
  }
  return words;
}

std::optional<Error> first_error(std::span<const LastWords> all, bool is_about_peer) {
  for (std::size_t rank = 0; rank < all.size(); ++rank)
    if (all[rank].is_error && all[rank].is_about_peer == is_about_peer)
      return Error(static_cast<ExitCode>(all[rank].code), split(named(all, rank), '\n'));
  return std::nullopt;
}

}  // namespace lucid
