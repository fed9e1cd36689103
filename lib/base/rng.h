#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lucid {

// Generates random numbers that depend on (seed, stream) alone, whatever the machine, compiler and
// library. xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64.
class Rng {
 public:
  Rng(std::uint64_t seed, std::uint64_t stream);
  Rng(std::uint64_t seed, std::string_view stream);  // named streams: "init/conv1/weight"

  std::uint64_t next();
  double uniform();                          // [0, 1), 53 bits
  float uniform(float low, float high);      // [low, high)
  double normal();                           // mean 0, standard deviation 1
  std::uint64_t below(std::uint64_t bound);  // 0 .. bound-1, unbiased; bound > 0

 private:
  std::array<std::uint64_t, 4> state_;
};

// mixed() is one step of SplitMix64, which turns neighbouring numbers into unrelated ones;
// hash_of() is FNV-1a.
std::uint64_t mixed(std::uint64_t number);
std::uint64_t hash_of(std::string_view text);

// Returns 0 .. count-1 in random order (Fisher-Yates shuffle).
std::vector<std::size_t> permutation(std::size_t count, Rng& rng);

}  // namespace lucid
