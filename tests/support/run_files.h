#pragma once

#include <filesystem>
#include <string>

#include "base/json.h"
#include "support/temp_dir.h"

namespace lucid::test {

// The files of a run that monitors validation.dice, without having trained one.
struct RunFiles {
  std::string name = "a run";
  std::int64_t epochs = 12, steps_per_epoch = 10;
  double lr = 0.5;
  std::string end = "finished";  // empty: the log ends with an epoch
  Json more_config = Json::object();

  // The event of an epoch, which has values with many digits and one that is not defined.
  Json epoch(std::int64_t number) const;
  // Writes config.json, metrics.jsonl and log.txt.
  void write(const std::filesystem::path& folder) const;
};

}  // namespace lucid::test
