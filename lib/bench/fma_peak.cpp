#include "bench/fma_peak.h"

#include <omp.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/stopwatch.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lucid {
namespace {

// Number of independent chains: more than the latency of a multiply-add times the number of FMA
// units, and few enough for the registers of AVX2.
constexpr int kChains = 12;
constexpr float kFactor = 0.999F, kTerm = 0.001F;  // chains converge to 1, far from denormals

// Runs `rounds` rounds of one multiply-add in every chain and lane. The chains start from different
// values and all enter the result, so that a compiler cannot drop any of them.
using Chains = float (*)(std::int64_t rounds, const float* starts);

float portable_chains(std::int64_t rounds, const float* starts) {
  using Wide = float __attribute__((vector_size(16)));
  Wide chains[kChains];
  for (int c = 0; c < kChains; ++c) chains[c] = Wide{} + starts[c];
  for (std::int64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) chains[c] = chains[c] * kFactor + kTerm;
  Wide sum{};
  for (const Wide& chain : chains) sum += chain;
  return sum[0];
}

#if defined(__x86_64__)

__attribute__((target("avx512f"))) float avx512_chains(std::int64_t rounds, const float* starts) {
  const __m512 factor = _mm512_set1_ps(kFactor), term = _mm512_set1_ps(kTerm);
  __m512 chains[kChains];
  for (int c = 0; c < kChains; ++c) chains[c] = _mm512_set1_ps(starts[c]);
  for (std::int64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) chains[c] = _mm512_fmadd_ps(chains[c], factor, term);
  __m512 sum = _mm512_setzero_ps();
  for (const __m512& chain : chains) sum = _mm512_add_ps(sum, chain);
  return _mm512_cvtss_f32(sum);
}

__attribute__((target("avx2,fma"))) float avx2_chains(std::int64_t rounds, const float* starts) {
  const __m256 factor = _mm256_set1_ps(kFactor), term = _mm256_set1_ps(kTerm);
  __m256 chains[kChains];
  for (int c = 0; c < kChains; ++c) chains[c] = _mm256_set1_ps(starts[c]);
  for (std::int64_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) chains[c] = _mm256_fmadd_ps(chains[c], factor, term);
  __m256 sum = _mm256_setzero_ps();
  for (const __m256& chain : chains) sum = _mm256_add_ps(sum, chain);
  return _mm256_cvtss_f32(sum);
}

#endif

struct Kind {
  const char* instructions;
  Chains chains;
  int lanes;
};

std::vector<Kind> kinds() {
  std::vector<Kind> found;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) found.push_back({"AVX-512", avx512_chains, 16});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found.push_back({"AVX2", avx2_chains, 8});
#endif
  found.push_back({"portable", portable_chains, 4});
  return found;
}

// Returns the CPU time of the calling thread, which excludes time that other processes take.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Returns the multiply-adds per second of all threads, which start together.
double rate_of(const Kind& kind, int threads) {
  constexpr std::int64_t kMultiplyAdds = 1 << 27;  // per thread: a few milliseconds
  const std::int64_t rounds = kMultiplyAdds / (kChains * kind.lanes);
  std::vector<float> starts(kChains), results(static_cast<std::size_t>(threads));
  std::iota(starts.begin(), starts.end(), 1.F);
  double rate = 0;
#pragma omp parallel num_threads(threads) reduction(+ : rate)
  {
#pragma omp barrier
    const double before = thread_seconds();
    results[static_cast<std::size_t>(omp_get_thread_num())] = kind.chains(rounds, starts.data());
    rate = static_cast<double>(rounds * kChains * kind.lanes) / (thread_seconds() - before);
  }
  return rate;
}

// Returns the best of several runs, because the clock frequency of the processor varies.
double measure(const Kind& kind, int threads) {
  constexpr double kSeconds = 0.1;
  double best = 0;
  const Stopwatch whole;
  do best = std::max(best, 2 * rate_of(kind, threads));
  while (whole.seconds() < kSeconds);
  return best;
}

}  // namespace

std::vector<FmaPeak> measure_fma_peaks(const Engine& engine) {
  std::vector<FmaPeak> peaks;
  for (const Kind& kind : kinds())
    peaks.push_back({kind.instructions, measure(kind, engine.threads())});
  return peaks;
}

}  // namespace lucid
