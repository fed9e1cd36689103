#include "runs/sweep_folder.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// The best monitored value of the first epochs, as a number that is less where it is better.
std::optional<double> cost_of(const Run& run, std::int64_t until_epoch) {
  std::optional<double> best;
  for (const RunEpoch& epoch : run.epochs) {
    const auto value = epoch.at(run.monitor());
    if (epoch.epoch > until_epoch || !value || std::isnan(*value)) continue;
    const double cost = run.higher_is_better() ? -*value : *value;
    if (!best || cost < *best) best = cost;
  }
  return best;
}

}  // namespace

void SweepFolder::keep(const Json& experiment, std::int64_t samples) const {
  const fs::path file = made_from();
  const Json wanted = {{"experiment", experiment}, {"samples", samples}};
  if (const auto text = read_file_if_any(file, "a file", ExitCode::kData)) {
    if (parse_json(*text, file.string()) == wanted) return;
    throw Error(ExitCode::kUsage, file.string() +
                                      ": the folder holds the runs of another sweep; choose "
                                      "another one with --output");
  }
  write_file_atomically(file, json_text(wanted, 2) + "\n");
}

std::optional<Run> SweepFolder::find(const SweepRun& run) const {
  // A process that was killed at its start left no log yet, which is no damage.
  const RunFolder files(of(run));
  for (const fs::path& file : {files.config(), files.metrics()})
    if (kind_of(file) == FileKind::kMissing) return std::nullopt;
  return read_run(of(run));
}

bool is_done(const std::optional<Run>& run, std::optional<std::int64_t> until_epoch) {
  if (!run) return false;
  for (const char* state : {"finished", "early_stopping", "diverged"})
    if (run->state == state) return true;
  return until_epoch && std::ssize(run->epochs) >= *until_epoch;
}

std::vector<std::size_t> survivors(const std::vector<std::optional<Run>>& runs,
                                   std::int64_t until_epoch, std::size_t keep) {
  std::vector<std::pair<double, std::size_t>> costs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i] || (runs[i]->state == "diverged" && std::ssize(runs[i]->epochs) < until_epoch))
      continue;
    if (const auto cost = cost_of(*runs[i], until_epoch)) costs.emplace_back(*cost, i);
  }
  std::ranges::stable_sort(costs, {}, &std::pair<double, std::size_t>::first);
  costs.resize(std::min(costs.size(), std::max<std::size_t>(keep, 1)));
  std::vector<std::size_t> kept;
  for (const auto& [cost, i] : costs) kept.push_back(i);
  std::ranges::sort(kept);
  return kept;
}

std::vector<std::int64_t> halving_epochs(std::size_t runs, std::int64_t epochs,
                                         std::int64_t factor) {
  std::vector<std::int64_t> result{epochs};
  std::int64_t left = static_cast<std::int64_t>(runs);
  for (std::int64_t at = epochs; left > 1; left = (left + factor - 1) / factor) {
    at = (at + factor - 1) / factor;
    if (at == result.front()) break;
    result.insert(result.begin(), at);
  }
  return result;
}

}  // namespace lucid
