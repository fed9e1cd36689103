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

// An experiment file, read and checked as far as that is possible without opening data.
struct RunConfig {
  std::string file;  // as typed, for messages
  Json json;         // effective: overrides, defaults and absolute paths in it
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

// Relative paths in `json` are taken from `folder`. Throws one Error(kUsage) with every error of
// the file.
RunConfig read_run_config(Json json, const std::string& file, const std::filesystem::path& folder);

// --set key.path=value: the value is JSON, or a string when it is not. Paths among the values are
// taken from the working directory. Throws Error(kUsage) when the path leads through something that
// is no object or list.
void override_key(Json& config, const std::string& assignment);

}  // namespace lucid
