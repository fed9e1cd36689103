#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "run_commands/child.h"
#include "runs/sweep_folder.h"

namespace lucid {

struct SweepOptions {
  std::string file, output, only;
  std::int64_t samples = 10, parallel = 1, halving = 0;
  std::optional<double> hours{};
  int threads = 0;  // of each run; 0: a share of the cores
  bool is_dry_run = false, is_list = false;
};

// Trains the runs of a sweep by processes of lucid-train, some at a time.
class SweepRunner {
 public:
  SweepRunner(const SweepOptions& options, const SweepFolder& folder);

  // Brings all of these runs to their end, or to an epoch. Runs that are there already are not
  // begun again. Returns false if a signal or the end of the hours came first.
  bool train(const std::vector<SweepRun>& runs, std::optional<std::int64_t> until_epoch);
  const std::vector<std::string>& failed() const { return failed_; }  // names

 private:
  struct Active {
    SweepRun run;
    Child child;
  };

  bool is_out_of_time() const;
  void start(const SweepRun& run, std::optional<std::int64_t> until_epoch);
  void tell_end(const Active& active, std::optional<std::int64_t> until_epoch);
  void collect(std::optional<std::int64_t> until_epoch);
  void stop_all(std::optional<std::int64_t> until_epoch);
  bool has_failed(const SweepRun& run) const;

  const SweepOptions& options_;
  const SweepFolder& folder_;
  std::vector<Active> active_;
  std::vector<std::string> failed_;
  std::size_t done_ = 0, count_ = 0;
  Stopwatch watch_;
};

}  // namespace lucid
