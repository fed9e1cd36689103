#include "train/config/run_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "graph/parse.h"
#include "train/config/scan_config.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// A value that can be monitored, by its name in an epoch's "validation".
struct Measured {
  std::string name;
  bool higher_is_better;
};

// Checks "monitor", whose default is "validation.loss" with a validation set and "train.loss"
// without one. `measured` begins with the loss and is empty where an error elsewhere leaves it
// unknown.
void check_monitor(JsonObject& train, TrainConfig& config, bool has_validation,
                   const std::vector<Measured>& measured) {
  std::vector<std::string> known{has_validation ? "validation.loss" : "train.loss"};
  if (config.monitor.empty()) config.monitor = known.front();
  if (has_validation) known.push_back("train.loss");
  for (std::size_t i = 1; has_validation && i < measured.size(); ++i) {
    known.push_back("validation." + measured[i].name);
    if (config.monitor == known.back()) config.higher_is_better = measured[i].higher_is_better;
  }
  if (measured.empty() || std::ranges::find(known, config.monitor) != known.end()) return;
  train.error("monitor",
              "expected one of " + join(known, ", ") + ", found " + in_quotes(config.monitor));
}

class Reader {
 public:
  Reader(Json json, const std::string& file, const fs::path& folder)
      : errors_(file), json_(std::move(json)), folder_(folder), root_(json_, "", errors_) {}

  RunConfig read();

 private:
  void read_name_and_seed();
  void read_data(const std::optional<Graph>& graph);
  void read_train(const std::vector<Measured>& measured);
  void check_all_patterns(const Graph& graph, const OptimizerConfig& optimizer);
  std::vector<Measured> check_metrics(const std::vector<MetricConfig>& metrics, const Loss& loss,
                                      const Shape& prediction);
  LearningRate read_schedule(const OptimizerConfig& optimizer);
  void resolve_set(const std::string& set, VolumesConfig& volumes);
  void resolve_file(const std::string& key, std::string& file);
  Json effective() const;

  ConfigErrors errors_;
  Json json_;
  fs::path folder_;
  JsonObject root_;
  std::string name_;
  std::uint64_t seed_ = 0;
  DataConfig data_;
  TrainConfig train_;
};

RunConfig Reader::read() {
  read_name_and_seed();
  std::optional<Graph> graph;
  if (auto model = root_.object("model", true)) graph = try_read_graph(*model);
  read_data(graph);
  std::unique_ptr<Objective> objective =
      read_objective(root_, graph ? output_names(*graph) : std::vector<std::string>());
  OptimizerConfig optimizer;
  if (auto object = root_.object("optimizer", true)) optimizer = make_optimizer(*object);
  const std::size_t before = errors_.count();
  const std::vector<MetricConfig> metrics = read_metrics(root_);
  std::vector<Measured> measured;
  if (graph && objective && errors_.count() == before)
    measured = check_metrics(metrics, objective->main(), graph->output_shape());
  read_train(measured);
  if (graph) check_all_patterns(*graph, optimizer);
  LearningRate schedule = read_schedule(optimizer);
  root_.finish();
  errors_.throw_if_any();
  return {errors_.file(),
          effective(),
          name_,
          seed_,
          std::move(*graph),
          std::move(data_),
          std::move(objective),
          std::move(optimizer.optimizer),
          optimizer.learning_rate,
          std::move(schedule),
          metrics,
          train_};
}

void Reader::read_name_and_seed() {
  name_ = root_.string("name", fs::path(errors_.file()).stem().string());
  constexpr std::size_t kLongest = 200;  // the folder of a run has a date behind it
  if (name_.empty() || name_.find('/') != std::string::npos)
    root_.error("name",
                "expected a name that is not empty and holds no '/', found " + in_quotes(name_));
  else if (name_.size() > kLongest)
    root_.error("name", "expected a name of at most 200 bytes, found " +
                            std::to_string(name_.size()) + ", " + found_text(Json(name_)));
  else if (root_.has("name") && printable(name_) != name_)
    root_.error("name",
                "expected a name of characters that can be shown, found " + in_quotes(name_));
  seed_ = static_cast<std::uint64_t>(
      root_.integer("seed", {0, std::numeric_limits<std::int64_t>::max()}, 0));
}

void Reader::read_train(const std::vector<Measured>& measured) {
  const Json nothing = Json::object();
  JsonObject train =
      root_.has("train") ? *root_.object("train", true) : JsonObject(nothing, "/train", errors_);
  train_ = read_train_config(train);
  const bool has_validation = data_.validation || train_.folds;
  check_monitor(train, train_, has_validation, measured);
  if (train_.preview.cases > 0 && !has_validation)
    train.error("preview",
                "expected a validation set, whose cases are drawn, found none; set "
                "data.validation");
  if (train_.folds && data_.validation)
    errors_.add("/data/validation",
                "expected none beside train.folds, which hold cases of data.train out; remove one "
                "of the two");
  train.finish();
  if (train_.weights) resolve_file("weights", *train_.weights);
  if (train_.folds) resolve_file("folds/file", train_.folds->file);
}

// Patterns of parameter names can only be checked against the parameters of the network.
void Reader::check_all_patterns(const Graph& graph, const OptimizerConfig& optimizer) {
  check_patterns(train_.freeze, graph, "/train/freeze", errors_);
  if (!optimizer.optimizer) return;
  const std::vector<ParameterGroup>& groups = optimizer.optimizer->groups();
  for (std::size_t i = 0; i < groups.size(); ++i)
    check_patterns(groups[i].patterns, graph,
                   "/optimizer/groups/" + std::to_string(i) + "/parameters", errors_);
}

// Returns all that an epoch's validation measures, the loss first.
std::vector<Measured> Reader::check_metrics(const std::vector<MetricConfig>& metrics,
                                            const Loss& loss, const Shape& prediction) {
  std::vector<Measured> all{{"loss", false}};
  for (const MetricConfig& config : metrics) try {
      const auto metric = make_metric(config, loss, prediction);
      Measurements measured;
      metric->report(measured);
      for (const std::string& name : measured.names())
        all.push_back({name, config.higher_is_better()});
    } catch (const Error& error) {
      root_.error("metrics", error.what());
    }
  return all;
}

LearningRate Reader::read_schedule(const OptimizerConfig& optimizer) {
  if (!root_.has("scheduler")) return LearningRate(optimizer.learning_rate);
  JsonObject object = *root_.object("scheduler", true);
  LearningRate schedule = read_learning_rate(object, optimizer.learning_rate,
                                             {.higher_is_better = train_.higher_is_better});
  if (schedule.cycles_momentum() && optimizer.optimizer && !optimizer.optimizer->has_momentum())
    object.error("cycle_momentum",
                 "expected false with an optimizer that has no momentum, found true; set "
                 "optimizer.momentum, or cycle_momentum false");
  return schedule;
}

void Reader::read_data(const std::optional<Graph>& graph) {
  auto object = root_.object("data", true);
  if (!object) return;
  data_ =
      read_data_config(*object, graph ? std::optional<Shape>(graph->input_shape()) : std::nullopt,
                       [this](const std::vector<std::string>& files, bool has_labels) {
                         return are_scans(files, has_labels, folder_);
                       });
  resolve_set("train", data_.train);
  if (data_.validation) resolve_set("validation", *data_.validation);
}

// Replaces patterns by the absolute paths of the files that match them.
void Reader::resolve_set(const std::string& set, VolumesConfig& volumes) {
  for (const auto& [key, entries] :
       {std::pair("files", &volumes.files), std::pair("labels", &volumes.labels)})
    try {
      for (const std::string& note : resolve_files(*entries, volumes.are_scans, folder_))
        volumes.repeated_files.push_back(std::string(key) + ": " + note);
    } catch (const Error& error) {
      errors_.add("/data/" + set + "/" + key, error.what());
    }
}

// Makes the path of the train section absolute. An empty one was reported, or is not given.
void Reader::resolve_file(const std::string& key, std::string& file) {
  if (file.empty()) return;
  const fs::path path = fs::absolute(folder_ / file).lexically_normal();
  if (!fs::is_regular_file(path))
    errors_.add("/train/" + key, "expected an existing file, found " + in_quotes(file));
  file = path.string();
}

// Returns the config with defaults filled in and absolute paths, so that it can be read from any
// folder.
Json Reader::effective() const {
  Json json = json_;
  json["name"] = name_;
  json["seed"] = seed_;
  const auto set_files = [&](const char* set, const VolumesConfig& volumes) {
    json["data"][set]["files"] = volumes.files;
    if (volumes.are_scans) json["data"][set]["labels"] = volumes.labels;
  };
  set_files("train", data_.train);
  if (data_.validation) set_files("validation", *data_.validation);
  Json& data = json["data"];
  data["batch_size"] = data_.batch_size;
  data["shuffle"] = data_.shuffle;
  data["drop_last"] = data_.drop_last;
  data["cache_mb"] = data_.cache_mb;
  data["workers"] = data_.workers;
  data["prefetch"] = data_.prefetch;
  if (data_.patch) data["patch"] = patch_json(*data_.patch);
  data.update(grid_json(data_.grid));
  Json& train = json["train"];
  if (train.is_null()) train = Json::object();
  train["epochs"] = train_.epochs;
  train["log_every"] = train_.log_every;
  train["accumulate"] = train_.accumulate;
  train["shards"] = train_.shards;
  train["precision"] = precision_names()[static_cast<std::size_t>(train_.precision)];
  train["monitor"] = train_.monitor;
  train["checkpoint_every"] = {{"epochs", train_.checkpoint_every.epochs},
                               {"minutes", train_.checkpoint_every.minutes}};
  if (train_.weights) train["weights"] = *train_.weights;
  if (train_.folds) train["folds"] = folds_json(*train_.folds);
  return json;
}

}  // namespace

RunConfig read_run_config(Json json, const std::string& file, const fs::path& folder) {
  return Reader(std::move(json), file, folder).read();
}

}  // namespace lucid
