#pragma once

#include <map>
#include <string>
#include <vector>

#include "run_commands/sweep_runner.h"
#include "runs/sweep.h"

namespace lucid {

// About how long a sweep takes, from a few real steps of each kind of its runs.
class SweepForecast {
 public:
  // Takes steps of the runs one after the other, with the threads that each of them gets.
  SweepForecast(const Sweep& sweep, const SweepOptions& options);

  // A row a run and, below, what all of them take together.
  std::string text() const;

 private:
  struct Row {
    std::string name;
    std::int64_t epochs;
    double epoch_seconds;
  };
  double seconds_of_all() const;
  double seconds_of_halving(std::int64_t& epochs) const;

  const SweepOptions& options_;
  std::vector<Row> rows_;
};

}  // namespace lucid
