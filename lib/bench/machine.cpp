#include "bench/machine.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "layers/convolution/problem/thresholds.h"

namespace lucid {
namespace {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown processor";
}

std::string giga(double number) { return fixed_text(number * 1e-9, 1); }

}  // namespace

double MachinePeaks::flops_per_second() const {
  double best = 0;
  for (const FmaPeak& peak : peaks) best = std::max(best, peak.flops_per_second);
  return best;
}

std::string MachinePeaks::text() const {
  std::string each;
  for (const FmaPeak& peak : peaks)
    each += (each.empty() ? "" : ", ") + peak.instructions + " " + giga(peak.flops_per_second);
  const std::string routes = thresholds.empty() ? "" : "; routes as for " + thresholds;
  return processor + "; " + engine + routes + "\npeak of multiply-adds in GFLOP/s: " + each +
         "; of memory in GB/s: " + giga(memory.reading) + " read, " + giga(memory.writing) +
         " written\n";
}

Json MachinePeaks::json() const {
  Json each = Json::object();
  for (const FmaPeak& peak : peaks) each[peak.instructions] = peak.flops_per_second * 1e-9;
  return {{"processor", processor},
          {"engine", engine},
          {"thresholds", thresholds},
          {"peak_gflops", flops_per_second() * 1e-9},
          {"peaks_gflops", each},
          {"memory_gb_per_second",
           {{"reading", memory.reading * 1e-9}, {"writing", memory.writing * 1e-9}}}};
}

MachinePeaks measure_machine(const Engine& engine) {
  return {processor_name(), engine.describe(), measure_fma_peaks(engine), measure_bandwidth(engine),
          thresholds_of(this_processor(), onednn::vector_set()).name};
}

}  // namespace lucid
