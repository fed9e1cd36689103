#include "run_commands/command.h"

#include "program.h"

namespace lucid {

std::vector<Run> runs_of(const std::vector<std::string>& folders) {
  FoundRuns found = find_runs({folders.begin(), folders.end()});
  if (found.runs.empty()) {
    std::vector<std::string> reasons;
    for (const PassedOver& each : found.passed_over) reasons.push_back(each.why);
    throw Error(ExitCode::kUsage, reasons);
  }
  for (const PassedOver& each : found.passed_over) print_warning(each.why + "; passed over");
  return std::move(found.runs);
}

}  // namespace lucid
