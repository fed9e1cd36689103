#include "bench/machine.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "bench/bandwidth.h"

namespace lucid {
namespace {

const MachinePeaks kMachine{"A processor",
                            "an engine",
                            {{"AVX2", 2.0e11}, {"portable", 0.5e11}},
                            {12.5e9, 5e9},
                            "Zen 4, AVX2"};

}  // namespace

TEST_CASE(
    "the peak of multiply-adds is measured for every instruction set, down to any processor's") {
  Engine engine(1);
  const std::vector<FmaPeak> peaks = measure_fma_peaks(engine);
  REQUIRE_FALSE(peaks.empty());
  CHECK(peaks.back().instructions == "portable");
  for (const FmaPeak& peak : peaks) {
    INFO(peak.instructions);
    CHECK(peak.flops_per_second > 1e8);
    CHECK(peak.flops_per_second <
          1e12);  // a single thread above this means that the compiler dropped work
  }
}

TEST_CASE("the bandwidth of memory is that of a memory") {
  Engine engine(1);
  const Bandwidth rate = measure_bandwidth(engine);
  CHECK(rate.writing > 1e8);
  CHECK(rate.writing <= rate.reading);
  CHECK(rate.reading < 1e12);
}

TEST_CASE("a machine's peak is that of its best instructions") {
  CHECK(kMachine.flops_per_second() == 2.0e11);
}

TEST_CASE("a machine as text and as JSON") {
  CHECK(kMachine.text() ==
        "A processor; an engine; routes as for Zen 4, AVX2\npeak of multiply-adds in GFLOP/s: AVX2 "
        "200.0, portable 50.0; of "
        "memory in GB/s: 12.5 read, 5.0 written\n");
  CHECK(kMachine.json() == parse_json(R"({
    "processor": "A processor", "engine": "an engine", "thresholds": "Zen 4, AVX2", "peak_gflops": 200.0,
    "peaks_gflops": {"AVX2": 200.0, "portable": 50.0}, "memory_gb_per_second": {"reading": 12.5, "writing": 5.0}})",
                                      "a.json"));
}

}  // namespace lucid
