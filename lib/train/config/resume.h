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
// Does the same with the config of a file elsewhere that was read already.
RunConfig read_config(Json json, const std::string& file, const std::filesystem::path& folder,
                      const Overrides& overrides);

// Returns the config of the checkpoint with overrides. If a config file is given, its "train"
// section replaces that of the run, and all else must be equal. The model cannot change. Throws
// Error(kUsage) naming each difference.
RunConfig read_resumed_config(const CheckpointFile& checkpoint, const std::string& config_file,
                              const Overrides& overrides);

// Returns `saved`, the config of a checkpoint, with the "train" section of `wanted`, which is
// effective; all else must be equal. Throws as above, naming the file that `wanted` is from.
RunConfig resumed_config(Json saved, const Json& wanted, const std::string& file);
// Adds an error for each difference but those of the "train" section. "auto" equals what it became.
void compare_configs(const Json& was, const Json& is, ConfigErrors& errors);

}  // namespace lucid
