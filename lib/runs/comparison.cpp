#include "runs/comparison.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/file.h"
#include "base/registry.h"
#include "base/table.h"
#include "base/text.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWidestDifference = 100;  // bytes of a value in a table

const RunEpoch* epoch_of(const Run& run, std::int64_t number) {
  const auto found = std::ranges::find(run.epochs, number, &RunEpoch::epoch);
  return found == run.epochs.end() ? nullptr : &*found;
}

std::string cell(const RunEpoch* epoch, const std::string& name) {
  const auto value = epoch == nullptr ? std::nullopt : epoch->at(name);
  if (!value) return "";
  return name == "lr" ? number_text(static_cast<float>(*value))
                      : fixed_value_text(*value, Run::kDigits);
}

std::string file_line(const std::string& what, const fs::path& file) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(file, error);
  return error ? "" : what + file.string() + ", " + bytes_text(bytes) + "\n";
}

// Tells which cases were the worst and the best ones; a file that cannot be read is named.
std::string cases_line(const Run& run) {
  try {
    const auto read = read_run_cases(run.folder);
    return read ? "cases           " + read->extremes(run.is_higher_better(read->ranked_by)) + "\n"
                : "";
  } catch (const Error& error) {
    return std::string(error.what()) + "\n";
  }
}

// Every name that a curve of the runs has.
std::vector<std::string> known_values(const std::vector<Run>& runs) {
  std::vector<std::string> known;
  for (const Run& run : runs)
    for (const RunEpoch& epoch : run.epochs)
      for (const auto& [name, value] : epoch.values)
        if (std::ranges::find(known, name) == known.end()) known.push_back(name);
  return known;
}

}  // namespace

std::string run_text(const Run& run) {
  const RunFolder files(run.folder);
  std::string text = run.name() + ": " + run.state +
                     (run.message.empty() ? "" : ", " + printable(run.message)) + "\n";
  text += file_line("config          ", files.config());
  text += file_line("last checkpoint ", files.last_checkpoint());
  text += file_line("best checkpoint ", files.best_checkpoint());
  text += cases_line(run);
  if (run.epochs.empty())
    return text + "no complete epoch of " + std::to_string(run.planned_epochs()) + "\n";
  const std::vector<std::string> names = known_values({run});
  std::vector<std::string> header{"epoch"};
  header.insert(header.end(), names.begin(), names.end());
  header.insert(header.end(), {"seconds", "best"});
  Table table(header);
  for (const RunEpoch& epoch : run.epochs) {
    std::vector<std::string> row{std::to_string(epoch.epoch)};
    for (const std::string& name : names) row.push_back(cell(&epoch, name));
    row.push_back(fixed_text(epoch.seconds, 1));
    row.push_back(&epoch == run.best() ? "best" : "");
    table.add(std::move(row));
  }
  return text + "of " + std::to_string(run.planned_epochs()) +
         " epochs, monitored: " + run.monitor() + "\n\n" + table.text();
}

RunComparison::RunComparison(std::vector<Run> runs, std::vector<std::string> values)
    : runs_(std::move(runs)),
      differences_(differences(runs_)),
      values_(std::move(values)),
      cases_(runs_) {
  const std::vector<std::string> known = known_values(runs_);
  for (const std::string& value : values_)
    if (std::ranges::find(known, value) == known.end())
      throw Error(ExitCode::kUsage, "--value: " + no_such("curve", value, known));
  if (!values_.empty()) return;
  values_.push_back("train.loss");
  for (const Run& run : runs_)
    if (std::ranges::find(values_, run.monitor()) == values_.end())
      values_.push_back(run.monitor());
}

std::vector<std::int64_t> RunComparison::epochs(std::int64_t most_rows) const {
  std::int64_t last = 0;
  std::set<std::int64_t> shown;
  for (const Run& run : runs_) {
    if (!run.epochs.empty()) last = std::max(last, run.epochs.back().epoch);
    if (run.best() != nullptr) shown.insert(run.best()->epoch);
  }
  const std::int64_t rows = std::max<std::int64_t>(most_rows, 2);
  if (last <= rows)
    for (std::int64_t epoch = 1; epoch <= last; ++epoch) shown.insert(epoch);
  else
    for (std::int64_t i = 0; i < rows; ++i) shown.insert(1 + (last - 1) * i / (rows - 1));
  return {shown.begin(), shown.end()};
}

std::string RunComparison::text(std::int64_t most_rows) const {
  Table legend({"", "run", "state", "best", "in epoch"});
  std::vector<std::string> header{"epoch"};
  std::vector<std::string> keys{"key"};
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    const std::string number = "#" + std::to_string(i + 1);
    legend.add({number, run.folder.string(), run.state,
                run.best() == nullptr ? "" : run.monitor() + " " + run.best_text(),
                run.best() == nullptr ? "" : std::to_string(run.best()->epoch)});
    keys.push_back(number);
    for (const std::string& value : values_) header.push_back(number + " " + value);
  }
  Table config(keys), curves(header);
  for (const Difference& each : differences_) {
    std::vector<std::string> row{each.key};
    for (const auto& value : each.values)
      row.push_back(shortened(difference_text(value), kWidestDifference));
    config.add(std::move(row));
  }
  for (const std::int64_t epoch : epochs(most_rows)) {
    std::vector<std::string> row{std::to_string(epoch)};
    for (const Run& run : runs_)
      for (const std::string& value : values_) row.push_back(cell(epoch_of(run, epoch), value));
    curves.add(std::move(row));
  }
  return legend.text() + "\n" +
         (differences_.empty() ? "the configs are the same\n" : config.text()) + "\n" +
         curves.text() + cases_.text();
}

Json RunComparison::json() const {
  Json runs = Json::array(), keys = Json::object(), curves = Json::object();
  for (const Run& run : runs_)
    runs.push_back({{"run", run.folder.string()},
                    {"state", run.state},
                    {"monitor", run.monitor()},
                    {"best", run.best() == nullptr ? Json() : Json(*run.best_value())},
                    {"best_epoch", run.best() == nullptr ? Json() : Json(run.best()->epoch)}});
  for (const Difference& each : differences_)
    for (const auto& value : each.values) keys[each.key].push_back(value ? *value : Json());
  for (const std::string& name : values_)
    for (const Run& run : runs_) {
      Json curve = Json::array();
      for (const RunEpoch& epoch : run.epochs) {
        const auto value = epoch.at(name);
        curve.push_back({epoch.epoch, value ? Json(*value) : Json()});
      }
      curves[name].push_back(std::move(curve));
    }
  return {{"runs", runs}, {"differs", keys}, {"curves", curves}, {"cases", cases_.json()}};
}

}  // namespace lucid
