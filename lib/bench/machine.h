#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "bench/bandwidth.h"
#include "bench/fma_peak.h"

namespace lucid {

// What figures are compared with: the most that this machine does with an engine's threads.
struct MachinePeaks {
  std::string processor;       // "Intel(R) Xeon(R) Processor"
  std::string engine;          // "oneDNN 2.6.3, AVX2, 2 threads"
  std::vector<FmaPeak> peaks;  // the widest instructions first
  Bandwidth memory{};

  double flops_per_second() const;  // the best of the peaks
  std::string text() const;         // two lines
  Json json() const;
};

MachinePeaks measure_machine(const Engine& engine);

}  // namespace lucid
