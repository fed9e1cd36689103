#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "train/session/session.h"

namespace lucid {

// The times of training steps: a row per step of the plan, then loss, optimizer and the wait for
// data.
struct Profile {
  struct Row {
    std::string layer, step, implementation, direction;
    double seconds;  // the mean of a training step
  };

  std::vector<Row> rows;
  std::int64_t count, samples;          // training steps, and the samples of each
  double mean_seconds, median_seconds;  // of a training step; the mean has the wait for data, too
  std::string machine;

  std::string text() const;  // a table, and a line about whole steps
  Json json() const;
};

// Takes `steps` training steps of one shard after a warm-up step. Changes the parameters.
Profile profile(Session& session, std::int64_t steps);

}  // namespace lucid
