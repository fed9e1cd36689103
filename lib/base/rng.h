#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace lucid {

// Random numbers that are a function of (seed, stream) alone: the same on every machine, compiler
// and library. xoshiro256** (Blackman and Vigna, 2018), its state filled by SplitMix64.
class Rng {
 public:
  Rng(std::uint64_t seed, std::uint64_t stream);
  Rng(std::uint64_t seed, std::string_view stream);  // named streams: "init/conv1/weight"

  std::uint64_t next();
  double uniform();                          // [0, 1), 53 bits
  float uniform(float low, float high);      // [low, high)
  double normal();                           // mean 0, deviation 1
  std::uint64_t below(std::uint64_t bound);  // 0 .. bound-1, unbiased; bound > 0

 private:
  std::array<std::uint64_t, 4> state_;
};

// For numbers that follow from a place alone: one step of SplitMix64 from `number`, so that
// neighbours come out unrelated; and FNV-1a.
std::uint64_t mixed(std::uint64_t number);
std::uint64_t hash_of(std::string_view text);

// 0 .. count-1 in random order (Fisher and Yates).
std::vector<std::size_t> permutation(std::size_t count, Rng& rng);

}  // namespace lucid
