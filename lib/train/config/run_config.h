#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/loader/data_config.h"
#include "graph/graph.h"
#include "objective/metric/metric.h"
#include "objective/objective.h"
#include "train/config/train_config.h"
#include "train/optimizer/optimizer.h"
#include "train/schedule/learning_rate.h"

namespace lucid {

// An experiment file, read and checked as far as possible without opening the data.
struct RunConfig {
  std::string file;  // as given on the command line, for messages
  Json json;         // effective: with overrides, defaults and absolute paths
  std::string name;
  std::uint64_t seed;
  Graph graph;
  DataConfig data;
  std::unique_ptr<Objective> objective;
  std::unique_ptr<Optimizer> optimizer;
  double learning_rate;
  LearningRate schedule;
  std::vector<MetricConfig> metrics;
  TrainConfig train;
};

// Relative paths in `json` are resolved against `folder`. Throws one Error(kUsage) that lists every
// error of the file.
RunConfig read_run_config(Json json, const std::string& file, const std::filesystem::path& folder);

// Applies --set key.path=value. A value that is not valid JSON is a string; file paths are resolved
// against the working directory. Throws Error(kUsage) when a key leads into something that is
// neither an object nor a list.
void override_key(Json& config, const std::string& assignment);

}  // namespace lucid
