#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "tensor/precision.h"
#include "train/config/folds_config.h"

namespace lucid {

struct CheckpointEvery {
  std::int64_t epochs = 1;
  double minutes = 30;
};

struct EarlyStopping {
  std::int64_t patience = 10;  // epochs without a better monitored value
  double min_delta = 0;        // the least improvement that counts
};

// What is written for TensorBoard.
struct TensorBoardConfig {
  // Epochs between histograms, which take space; the first epoch has them, too. 0: none.
  std::int64_t histograms_every = 5;
};

// Which validation cases are drawn, and when.
struct Preview {
  enum class Best {
    kNever,
    kIfCheap,  // where predicting them again costs next to nothing
    kAlways
  };
  Best best = Best::kIfCheap;  // of the worst, the median and the best case in a new best epoch
  std::int64_t every = 5;      // epochs between pictures of the same cases
  std::int64_t cases = 0;      // so many of them; 0: none
};

struct TrainConfig {
  std::int64_t epochs = 1;
  std::optional<std::int64_t> max_steps;
  std::optional<double> limit_seconds;  // "time_limit": what the whole run may take
  std::int64_t log_every = 10;
  std::optional<std::string> weights;   // a path
  std::optional<double> gradient_clip;  // the largest 2-norm of all gradients
  std::int64_t accumulate = 1;          // batches per step
  std::int64_t shards = 1;              // of each batch, computed one by one
  std::optional<double> ema_decay;      // empty: no average of the weights is kept
  Precision precision = Precision::kFloat32;
  std::vector<std::string> freeze;  // patterns, as names_parameter() reads them
  // The bytes that activations may take, as CompileOptions::memory_budget; empty: all are kept.
  std::optional<std::size_t> memory_budget;
  CheckpointEvery checkpoint_every;
  std::optional<EarlyStopping> early_stopping;
  std::optional<TensorBoardConfig> tensorboard;
  Preview preview;
  std::optional<FoldsConfig> folds;
  std::string monitor;            // "validation.loss", "train.loss", "validation.accuracy"
  bool higher_is_better = false;  // of the monitored value
};

// Reads the "train" section, except for checks that need other sections; the caller calls finish().
TrainConfig read_train_config(JsonObject& object);

}  // namespace lucid
