#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "bench/bandwidth.h"
#include "bench/fma_peak.h"

namespace lucid {

// The peak figures of this machine with an engine's threads, to which measurements are compared.
struct MachinePeaks {
  std::string processor;       // "Intel(R) Xeon(R) Processor"
  std::string engine;          // "oneDNN 2.6.3, AVX2, 2 threads"
  std::vector<FmaPeak> peaks;  // the widest instructions first
  Bandwidth memory{};
  std::string thresholds{};  // of the routes of convolutions: "Zen 4, AVX2"

  double flops_per_second() const;  // the highest of the
  std::string text() const;         // two lines
  Json json() const;
};

MachinePeaks measure_machine(const Engine& engine);

}  // namespace lucid
