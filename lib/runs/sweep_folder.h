#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runs/run.h"
#include "runs/sweep.h"

namespace lucid {

// The folder of a sweep: sweep.json, which says what it was made from, a folder for each run, and
// what the run's processes printed in output/NAME.txt.
class SweepFolder {
 public:
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path of(const SweepRun& run) const { return path_ / run.name; }
  std::filesystem::path outputs() const { return path_ / "output"; }
  std::filesystem::path output(const SweepRun& run) const {
    return outputs() / (run.name + ".txt");
  }
  std::filesystem::path made_from() const { return path_ / "sweep.json"; }
  // Writes sweep.json, or compares it with what is there. Throws Error(kUsage) if the folder holds
  // another sweep, Error(kFailed) if it cannot be written.
  void keep(const Json& experiment, std::int64_t samples) const;

  // Nothing where the run has not begun.
  std::optional<Run> find(const SweepRun& run) const;

 private:
  std::filesystem::path path_;
};

// True if no process needs to go on with the run: it ended, or has so many epochs. Diverging is a
// result, too.
bool is_done(const std::optional<Run>& run, std::optional<std::int64_t> until_epoch);

// Of runs that were trained for so many epochs, those that go on: the best part by the monitored
// value, at least one; equal ones in the order of their names. Values after that epoch do not
// count, nor do runs that diverged. Indices in ascending order.
std::vector<std::size_t> survivors(const std::vector<std::optional<Run>>& runs,
                                   std::int64_t until_epoch, std::size_t keep);

// The epochs at which successive halving by `factor` compares runs, the last of them the whole
// run's: 1, 3, 9 of 9 with 9 runs or more (Jamieson and Talwalkar, "Non-stochastic best arm
// identification and hyperparameter optimization", AISTATS 2016).
std::vector<std::int64_t> halving_epochs(std::size_t runs, std::int64_t epochs,
                                         std::int64_t factor);

}  // namespace lucid
