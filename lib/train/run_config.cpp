#include "train/run_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "graph/parse.h"
#include "objective/metric.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

TrainConfig read_train_config(JsonObject& object) {
  constexpr IntegerRange kCount{0, std::int64_t{1} << 40}, kPositive{1, std::int64_t{1} << 40};
  TrainConfig c;
  c.epochs = object.integer("epochs", kCount, c.epochs);
  if (object.has("max_steps")) c.max_steps = object.integer("max_steps", kPositive);
  c.log_every = object.integer("log_every", kPositive, c.log_every);
  if (object.has("weights")) {
    c.weights = object.string("weights");
    if (*object.find("weights") == "")
      object.problem("weights", "expected the path of a file, found ''");
  }
  if (object.has("gradient_clip"))
    c.gradient_clip = object.number("gradient_clip", {.low = 0, .above_low = true});
  if (auto every = object.object("checkpoint_every", false)) {
    c.checkpoint_every.epochs = every->integer("epochs", kPositive, c.checkpoint_every.epochs);
    c.checkpoint_every.minutes =
        every->number("minutes", {.low = 0, .above_low = true}, c.checkpoint_every.minutes);
    every->finish();
  }
  if (object.has("early_stopping")) {
    JsonObject stopping = *object.object("early_stopping", true);
    c.early_stopping.emplace();
    c.early_stopping->patience =
        stopping.integer("patience", kPositive, c.early_stopping->patience);
    c.early_stopping->min_delta =
        stopping.number("min_delta", {.low = 0}, c.early_stopping->min_delta);
    stopping.finish();
  }
  c.monitor = object.string("monitor", "");
  return c;
}

std::vector<std::string> read_metrics(JsonObject& root) {
  const std::vector<std::string> metrics = root.strings("metrics", false);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto& known = metric_names();
    if (std::ranges::find(known, metrics[i]) == known.end())
      root.problem("metrics", "no metric " + in_quotes(metrics[i]) + suggestion(metrics[i], known));
    else if (std::ranges::find(metrics.begin(), metrics.begin() + static_cast<std::ptrdiff_t>(i),
                               metrics[i]) != metrics.begin() + static_cast<std::ptrdiff_t>(i))
      root.problem("metrics", "the metric " + in_quotes(metrics[i]) + " stands twice; keep one");
  }
  return metrics;
}

// "validation.loss" where there is a validation set, else "train.loss".
void check_monitor(JsonObject& train, TrainConfig& config, bool has_validation,
                   const std::vector<std::string>& metrics) {
  std::vector<std::string> known{"train.loss"};
  if (has_validation) {
    known.insert(known.begin(), "validation.loss");
    for (const std::string& metric : metrics) known.push_back("validation." + metric);
  }
  if (config.monitor.empty()) config.monitor = known.front();
  if (std::ranges::find(known, config.monitor) != known.end()) return;
  train.problem("monitor",
                "expected one of " + join(known, ", ") + ", found " + in_quotes(config.monitor));
}

class Reader {
 public:
  Reader(Json json, const std::string& file, const fs::path& folder)
      : problems_(file), json_(std::move(json)), folder_(folder), root_(json_, "", problems_) {}

  RunConfig read();

 private:
  void read_data(const std::optional<Graph>& graph);
  void resolve_files(const std::string& set, VolumesConfig& volumes);
  void resolve_weights();
  Json effective() const;

  Problems problems_;
  Json json_;
  fs::path folder_;
  JsonObject root_;
  std::string name_;
  std::uint64_t seed_ = 0;
  DataConfig data_;
  TrainConfig train_;
};

RunConfig Reader::read() {
  name_ = root_.string("name", fs::path(problems_.file()).stem().string());
  if (name_.empty() || name_.find('/') != std::string::npos)
    root_.problem("name",
                  "expected a name that is not empty and holds no '/', found " + in_quotes(name_));
  seed_ = static_cast<std::uint64_t>(
      root_.integer("seed", {0, std::numeric_limits<std::int64_t>::max()}, 0));
  std::optional<Graph> graph;
  if (auto model = root_.object("model", true)) graph = try_read_graph(*model);
  read_data(graph);
  std::unique_ptr<Objective> objective =
      read_objective(root_, graph ? output_names(*graph) : std::vector<std::string>());
  OptimizerConfig optimizer;
  if (auto object = root_.object("optimizer", true)) optimizer = make_optimizer(*object);
  const std::vector<std::string> metrics = read_metrics(root_);

  const Json nothing = Json::object();
  JsonObject train =
      root_.has("train") ? *root_.object("train", true) : JsonObject(nothing, "/train", problems_);
  train_ = read_train_config(train);
  check_monitor(train, train_, data_.validation.has_value(), metrics);
  train.finish();
  resolve_weights();
  std::unique_ptr<Schedule> schedule = constant_schedule();
  if (root_.has("scheduler")) {
    JsonObject object = *root_.object("scheduler", true);
    schedule = make_schedule(object, train_.epochs);
  }
  root_.finish();
  if (graph && objective && problems_.empty())
    for (const std::string& metric : metrics) try {
        make_metric(metric, objective->main(), graph->output_shape());
      } catch (const Error& error) {
        root_.problem("metrics", error.what());
      }
  problems_.throw_if_any();
  return {problems_.file(),
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

void Reader::read_data(const std::optional<Graph>& graph) {
  auto object = root_.object("data", true);
  if (!object) return;
  data_ = read_data_config(*object, graph ? graph->input_shape()[0] : 0);
  resolve_files("train", data_.train);
  if (data_.validation) resolve_files("validation", *data_.validation);
}

// Patterns become the files they stand for, as absolute paths.
void Reader::resolve_files(const std::string& set, VolumesConfig& volumes) {
  if (volumes.files.empty()) return;
  try {
    std::vector<std::string> files;
    for (const fs::path& path : expand_files(volumes.files, folder_))
      files.push_back(fs::absolute(path).lexically_normal().string());
    volumes.files = files;
  } catch (const Error& error) {
    problems_.add("/data/" + set + "/files", error.what());
  }
}

void Reader::resolve_weights() {
  if (!train_.weights || train_.weights->empty()) return;
  const fs::path path = fs::absolute(folder_ / *train_.weights).lexically_normal();
  if (!fs::is_regular_file(path))
    problems_.add("/train/weights",
                  "expected an existing file, found " + in_quotes(*train_.weights));
  train_.weights = path.string();
}

// What the run does, whatever folder it is read from: defaults filled in, paths absolute.
Json Reader::effective() const {
  Json json = json_;
  json["name"] = name_;
  json["seed"] = seed_;
  const auto set_files = [&](const char* set, const VolumesConfig& volumes) {
    json["data"][set]["files"] = volumes.files;
  };
  set_files("train", data_.train);
  if (data_.validation) set_files("validation", *data_.validation);
  Json& data = json["data"];
  data["batch_size"] = data_.batch_size;
  data["shuffle"] = data_.shuffle;
  data["drop_last"] = data_.drop_last;
  data["cache_mb"] = data_.cache_mb;
  Json& train = json["train"];
  if (train.is_null()) train = Json::object();
  train["epochs"] = train_.epochs;
  train["log_every"] = train_.log_every;
  train["monitor"] = train_.monitor;
  train["checkpoint_every"] = {{"epochs", train_.checkpoint_every.epochs},
                               {"minutes", train_.checkpoint_every.minutes}};
  if (train_.weights) train["weights"] = *train_.weights;
  return json;
}

}  // namespace

RunConfig read_run_config(Json json, const std::string& file, const fs::path& folder) {
  return Reader(std::move(json), file, folder).read();
}

}  // namespace lucid
