#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/checkpoint.h"
#include "train/config/run_config.h"

namespace lucid {

// The changes that a command line makes to an experiment file.
struct Overrides {
  std::vector<std::string> assignments{};  // key.path=value
  std::optional<std::string> weights{};
  std::optional<std::int64_t> epochs{}, seed{};
  bool tensorboard = false;  // turns train.tensorboard on where it is not
};

RunConfig read_config_file(const std::string& path, const Overrides& overrides);

// Returns the config of the checkpoint with overrides. If a config file is given, its "train"
// section replaces that of the run, and all else must be equal. The model cannot change. Throws
// Error(kUsage) naming each difference.
RunConfig read_resumed_config(const CheckpointFile& checkpoint, const std::string& config_file,
                              const Overrides& overrides);

}  // namespace lucid
