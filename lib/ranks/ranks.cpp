#include "ranks/ranks.h"

#include <cstring>

namespace lucid {

void Ranks::exchange(std::span<const std::byte> own, std::span<const Incoming> incoming) {
  std::vector<Outgoing> outgoing;
  for (int to = 0; to < size(); ++to)
    if (to != rank()) outgoing.push_back({to, own});
  transfer(Channel::kSteps, outgoing, incoming);
}

std::vector<std::vector<std::byte>> Ranks::gathered_bytes(std::span<const std::byte> own) {
  const auto count = static_cast<std::size_t>(size()), self = static_cast<std::size_t>(rank());
  std::vector<std::uint64_t> sizes(count);
  sizes[self] = own.size();
  std::vector<Incoming> incoming;
  for (std::size_t i = 0; i < count; ++i)
    if (i != self)
      incoming.push_back({static_cast<int>(i), std::as_writable_bytes(std::span(&sizes[i], 1))});
  exchange(std::as_bytes(std::span(&sizes[self], 1)), incoming);

  std::vector<std::vector<std::byte>> all(count);
  all[self].assign(own.begin(), own.end());
  for (Incoming& message : incoming) {
    const auto from = static_cast<std::size_t>(message.from);
    all[from].resize(sizes[from]);
    message.bytes = all[from];
  }
  exchange(own, incoming);
  return all;
}

std::vector<double> Ranks::gathered(std::span<const double> own) {
  if (is_alone()) return {own.begin(), own.end()};
  std::vector<double> all;
  for (const std::vector<std::byte>& bytes : gathered_bytes(std::as_bytes(own))) {
    const std::size_t before = all.size();
    all.resize(before + bytes.size() / sizeof(double));
    if (!bytes.empty()) std::memcpy(all.data() + before, bytes.data(), bytes.size());
  }
  return all;
}

// In each round a rank hears from twice as many as before, so that few messages tell all.
bool Ranks::any(bool holds) {
  for (int distance = 1; distance < size(); distance *= 2) {
    const auto own = static_cast<std::byte>(holds ? 1 : 0);
    std::byte other{};
    const Outgoing outgoing{(rank() + distance) % size(), {&own, 1}};
    const Incoming incoming{(rank() + size() - distance) % size(), {&other, 1}};
    transfer(Channel::kSteps, {&outgoing, 1}, {&incoming, 1});
    holds = holds || other != std::byte{};
  }
  return holds;
}

std::pair<std::size_t, std::size_t> Ranks::share_of(int rank, std::size_t count) const {
  const auto at = [&](int of) {
    return count * static_cast<std::size_t>(of) / static_cast<std::size_t>(size());
  };
  return {at(rank), at(rank + 1)};
}

Ranks& alone() {
  static Ranks ranks;
  return ranks;
}

}  // namespace lucid
