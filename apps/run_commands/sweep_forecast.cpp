#include "run_commands/sweep_forecast.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/duration.h"
#include "base/table.h"
#include "base/text.h"
#include "runs/sweep_folder.h"
#include "train/config/run_config.h"
#include "train/measure/forecast.h"

namespace lucid {
namespace {

constexpr double kSecondsOfEachKind = 1;  // of steps, and of validation

// What an experiment holds beside that which has no influence on the time of a step.
std::string kind_of_run(Json experiment) {
  for (const char* key : {"name", "seed", "scheduler"}) experiment.erase(key);
  if (experiment.contains("train")) experiment["train"].erase("epochs");
  if (experiment.contains("optimizer"))
    experiment["optimizer"] = Json{{"type", experiment["optimizer"].value("type", "")}};
  return json_text(experiment);
}

}  // namespace

SweepForecast::SweepForecast(const Sweep& sweep, const SweepOptions& options) : options_(options) {
  const std::filesystem::path parent = std::filesystem::path(options.file).parent_path();
  std::map<std::string, double> seconds;  // of an epoch, by kind
  for (const SweepRun& run : sweep.runs()) {
    const Json experiment = sweep.experiment(run);
    RunConfig config = read_run_config(experiment, options.file, parent);
    const auto [found, is_new] = seconds.emplace(kind_of_run(experiment), 0);
    Row row{run.name, config.train.epochs, 0};
    const std::optional<double> limit = config.train.limit_seconds;
    if (is_new) {
      Session session(std::move(config), options.threads);
      found->second = forecast(session, kSecondsOfEachKind).epoch_seconds();
    }
    row.epoch_seconds = found->second;
    if (limit && *limit < row.epoch_seconds * static_cast<double>(row.epochs))
      row.epochs = std::max<std::int64_t>(1, static_cast<std::int64_t>(*limit / found->second));
    rows_.push_back(std::move(row));
  }
}

// A run begins where the first of the others ends.
double SweepForecast::seconds_of_all() const {
  std::vector<double> ends(static_cast<std::size_t>(options_.parallel), 0);
  for (const Row& row : rows_)
    *std::ranges::min_element(ends) += row.epoch_seconds * static_cast<double>(row.epochs);
  return *std::ranges::max_element(ends);
}

// Which runs survive is not known: each stage takes the mean of all.
double SweepForecast::seconds_of_halving(std::int64_t& epochs) const {
  const auto sum =
      std::accumulate(rows_.begin(), rows_.end(), 0.0,
                      [](double before, const Row& row) { return before + row.epoch_seconds; });
  const double mean = sum / static_cast<double>(rows_.size());
  double seconds = 0;
  std::int64_t before = 0, left = std::ssize(rows_);
  epochs = 0;
  for (const std::int64_t at :
       halving_epochs(rows_.size(), rows_.front().epochs, options_.halving)) {
    const std::int64_t rounds = (left - 1) / options_.parallel + 1;
    seconds += mean * static_cast<double>(rounds * (at - before));
    epochs += left * (at - before);
    before = at;
    left = (left + options_.halving - 1) / options_.halving;
  }
  return seconds;
}

std::string SweepForecast::text() const {
  Table table({"run", "epochs", "time"});
  std::int64_t all = 0, epochs = 0;
  for (const Row& row : rows_) {
    table.add({row.name, std::to_string(row.epochs),
               duration_text(row.epoch_seconds * static_cast<double>(row.epochs))});
    all += row.epochs;
  }
  const double seconds = options_.halving > 0 ? seconds_of_halving(epochs) : seconds_of_all();
  std::string total = std::to_string(rows_.size()) + " runs, ";
  total += options_.halving > 0
               ? std::to_string(epochs) + " epochs in place of " + std::to_string(all)
               : std::to_string(all) + " epochs";
  return table.text() + total + ", about " + duration_text(seconds) + " with " +
         std::to_string(options_.parallel) + " at a time on " + std::to_string(options_.threads) +
         (options_.threads == 1 ? " thread" : " threads") + " each\n";
}

}  // namespace lucid
