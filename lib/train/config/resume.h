#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/checkpoint.h"
#include "train/config/run_config.h"

namespace lucid {

// What a command line changes in an experiment file.
struct Overrides {
  std::vector<std::string> assignments{};  // key.path=value
  std::optional<std::string> weights{};
  std::optional<std::int64_t> epochs{}, seed{};
};

RunConfig read_config_file(const std::string& path, const Overrides& overrides);

// The config that the run was begun with, overridden. A config file may be named again: then it
// must say what the run does, but for its "train" section, whose changes count. The model cannot
// change. Throws Error(kUsage) naming each difference.
RunConfig read_resumed_config(const CheckpointFile& checkpoint, const std::string& config_file,
                              const Overrides& overrides);

}  // namespace lucid
