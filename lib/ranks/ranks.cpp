#include "ranks/ranks.h"

#include <algorithm>
#include <cstring>

namespace lucid {

std::span<std::byte> Ranks::outgoing(std::size_t bytes) {
  own_.resize(bytes);
  return own_;
}

std::vector<std::span<const std::byte>> Ranks::exchange() { return {own_}; }

std::vector<double> Ranks::gathered(std::span<const double> own) {
  if (is_alone()) return {own.begin(), own.end()};
  std::ranges::copy(std::as_bytes(own), outgoing(own.size_bytes()).begin());
  std::vector<double> all;
  for (const std::span<const std::byte> bytes : exchange()) {
    const std::size_t before = all.size();
    all.resize(before + bytes.size() / sizeof(double));
    if (!bytes.empty()) std::memcpy(all.data() + before, bytes.data(), bytes.size());
  }
  return all;
}

bool Ranks::any(bool holds) {
  if (is_alone()) return holds;
  const double own = holds ? 1 : 0;
  return std::ranges::count(gathered({&own, 1}), 0.0) < size();
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
