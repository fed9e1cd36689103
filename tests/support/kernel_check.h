#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

// What tests of kernels, which are compiled once for each instruction set, share.
namespace lucid::test {

// Whether this processor has the instructions of kernels for 16 lanes, AVX-512, or for 8, AVX2.
inline bool has_instructions_of([[maybe_unused]] std::int64_t lanes) {
#if defined(__x86_64__)
  if (lanes == 16) return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

// The root mean square of the differences, as a share of that of the expected values.
inline double relative_error(const std::vector<double>& expected, const std::vector<float>& found) {
  double squares = 0, differences = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = static_cast<double>(found[i]) - expected[i];
    squares += expected[i] * expected[i];
    differences += difference * difference;
  }
  return std::sqrt(differences / squares);
}

}  // namespace lucid::test
