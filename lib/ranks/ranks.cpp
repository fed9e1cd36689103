#include "ranks/ranks.h"

#include <algorithm>
#include <cstring>

#include "base/stopwatch.h"

namespace lucid {

// In each round a rank hears from twice as many as before, so that few messages tell all.
void Ranks::gather(std::span<std::byte> items, std::span<const std::size_t> begins) {
  const auto count = static_cast<std::size_t>(size()), self = static_cast<std::size_t>(rank());
  for (std::size_t known = 1; known < count; known *= 2) {
    const std::size_t wanted = std::min(known, count - known);
    const Outgoing outgoing{static_cast<int>((self + known) % count), items.first(begins[wanted])};
    const Incoming incoming{static_cast<int>((self + count - known) % count),
                            items.subspan(begins[known], begins[known + wanted] - begins[known])};
    wait_for({&outgoing, 1}, {&incoming, 1});
  }
}

void Ranks::wait_for(std::span<const Outgoing> outgoing, std::span<const Incoming> incoming) {
  const Stopwatch watch;
  transfer(Channel::kSteps, outgoing, incoming);
  wait_seconds_ += watch.seconds();
}

std::vector<std::vector<std::byte>> Ranks::gathered_bytes(std::span<const std::byte> own) {
  const auto count = static_cast<std::size_t>(size()), self = static_cast<std::size_t>(rank());
  std::vector<std::uint64_t> sizes(count);
  std::vector<std::size_t> begins(count + 1);
  for (std::size_t i = 0; i <= count; ++i) begins[i] = i * sizeof(std::uint64_t);
  sizes[0] = own.size();
  gather(std::as_writable_bytes(std::span(sizes)), begins);

  begins[0] = 0;
  for (std::size_t i = 0; i < count; ++i) begins[i + 1] = begins[i] + sizes[i];
  std::vector<std::byte> items(begins[count]);
  std::ranges::copy(own, items.begin());
  gather(items, begins);
  std::vector<std::vector<std::byte>> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const std::byte> item = std::span(items).subspan(begins[i], sizes[i]);
    all[(self + count - i) % count].assign(item.begin(), item.end());
  }
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

bool Ranks::any(bool holds) {
  for (int distance = 1; distance < size(); distance *= 2) {
    const auto own = static_cast<std::byte>(holds ? 1 : 0);
    std::byte other{};
    const Outgoing outgoing{(rank() + distance) % size(), {&own, 1}};
    const Incoming incoming{(rank() + size() - distance) % size(), {&other, 1}};
    wait_for({&outgoing, 1}, {&incoming, 1});
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
