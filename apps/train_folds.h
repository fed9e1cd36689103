#pragma once

#include <functional>
#include <optional>

#include "store/checkpoint.h"
#include "train/report/run_folder.h"
#include "train_options.h"

namespace lucid {

// What lucid-train does with one run.
struct RunWork {
  std::function<int(RunConfig, const RunFolder&, const TrainOptions&,
                    const std::optional<CheckpointFile>&)>
      work;
  std::function<void(const RunFolder&, const TrainOptions&, const RunConfig&)> check_new_folder;
};

// True if the command line asks for folds, or --resume names a folder of them.
bool asks_for_folds(const TrainOptions& o);

// Trains the folds that --fold asks for, one after the other, predicts what each holds out, and
// measures all when the last is done. What is done already is left as it is. Returns the exit code.
int train_folds(const TrainOptions& o, const RunWork& runs);

}  // namespace lucid
