#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "ranks/ranks.h"

// What ranks in processes of their own do and check: a mistake is an Error.
namespace lucid::test {

using Channel = Ranks::Channel;
using Bytes = std::vector<std::byte>;

inline constexpr std::size_t kLarge = 50'000'000;  // far more than a socket holds

inline void expect(bool holds, const std::string& what) {
  if (!holds) throw Error(ExitCode::kData, what);
}

inline std::byte byte_at(int from, int to, std::size_t i) {
  return static_cast<std::byte>(i * 7 + static_cast<std::size_t>(from * 31 + to));
}

inline Bytes message(int from, int to, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = byte_at(from, to, i);
  return bytes;
}

// Sends each other rank a message and takes theirs, all at once.
inline void swap_messages(Ranks& ranks, Channel channel, std::size_t size) {
  std::vector<Bytes> sent, received;
  for (int peer = 0; peer < ranks.size(); ++peer) {
    sent.push_back(message(ranks.rank(), peer, size));
    received.emplace_back(size);
  }
  std::vector<Ranks::Outgoing> outgoing;
  std::vector<Ranks::Incoming> incoming;
  for (int peer = 0; peer < ranks.size(); ++peer) {
    const auto at = static_cast<std::size_t>(peer);
    if (peer == ranks.rank()) continue;
    outgoing.push_back({peer, sent[at]});
    incoming.push_back({peer, received[at]});
  }
  ranks.transfer(channel, outgoing, incoming);
  for (const Ranks::Incoming& arrived : incoming)
    expect(std::ranges::equal(arrived.bytes, message(arrived.from, ranks.rank(), size)),
           "a message of " + std::to_string(size) + " bytes has changed on its way");
}

inline void wait_for_byte_of(Ranks& ranks, int from) {
  Bytes bytes(1);
  const Ranks::Incoming incoming{from, bytes};
  ranks.transfer(Channel::kSteps, {}, {&incoming, 1});
}

}  // namespace lucid::test
