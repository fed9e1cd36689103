#include "base/rng.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace lucid {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::uint64_t stream) : state_{} {
  // Mixes the stream before combining it with the seed, so that (1, 2) and (2, 1) are unrelated.
  std::uint64_t mixed_stream = stream ^ 0x6c756369645f7267U;
  std::uint64_t filler = seed ^ split_mix(mixed_stream);
  for (std::uint64_t& word : state_) word = split_mix(filler);
}

Rng::Rng(std::uint64_t seed, std::string_view stream) : Rng(seed, hash_of(stream)) {}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

float Rng::uniform(float low, float high) {
  const double value = low + (static_cast<double>(high) - low) * uniform();
  const auto rounded = static_cast<float>(value);
  return rounded < high ? rounded : std::nextafter(high, low);
}

double Rng::normal() {
  // Box-Muller transform; 1 - uniform() is never 0.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t Rng::below(std::uint64_t bound) {
  const std::uint64_t reject =
      (0 - bound) % bound;  // 2^64 mod bound: the values that would come up once too often
  std::uint64_t value = next();
  while (value < reject) value = next();
  return value % bound;
}

std::uint64_t mixed(std::uint64_t number) { return split_mix(number); }

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::vector<std::size_t> permutation(std::size_t count, Rng& rng) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  return order;
}

}  // namespace lucid
