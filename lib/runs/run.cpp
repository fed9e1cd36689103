#include "runs/run.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/file.h"
#include "base/folder_lock.h"
#include "base/text.h"
#include "runs/sweep_folder.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

double number_or_nan(const Json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

// Adds the numbers of an object as "PREFIX.KEY"; tables, as a confusion matrix, are no curves.
void add_values(const Json& event, const std::string& prefix, NamedValues& values) {
  const auto object = event.find(prefix);
  if (object == event.end() || !object->is_object()) return;
  for (const auto& [key, value] : object->items())
    if (value.is_number() || value.is_null())
      values.emplace_back(prefix + "." + key, number_or_nan(value));
}

RunEpoch epoch_of(const Json& event) {
  RunEpoch epoch;
  epoch.epoch = event.at("epoch").get<std::int64_t>();
  epoch.step = event.at("step").get<std::int64_t>();
  add_values(event, "train", epoch.values);
  add_values(event, "validation", epoch.values);
  epoch.values.emplace_back("lr", number_or_nan(event.at("lr")));
  epoch.seconds = event.at("seconds").get<double>();
  epoch.is_best = event.at("best").get<bool>();
  return epoch;
}

// Steps are most of a log, and are of no interest here.
bool is_step(std::string_view line) { return line.starts_with(R"({"event":"step")"); }

void read_event(const Json& event, Run& run) {
  const std::string kind = event.at("event").get<std::string>();
  if (kind == "epoch") {
    run.epochs.push_back(epoch_of(event));
    run.state = "stopped";
    run.message.clear();
  } else if (kind == "time_limit") {
    run.fitted_epochs = event.at("epochs").get<std::int64_t>();
  } else if (kind == "end") {
    run.state = event.at("status").get<std::string>();
    run.message = event.value("message", "");
  }
}

void read_events(const fs::path& file, Run& run) {
  const std::string text = read_file(file, "the log of a run", ExitCode::kData);
  std::int64_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    ++number;
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return;  // it is being written, or a crash cut it
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (is_step(line)) continue;
    try {
      read_event(Json::parse(line), run);
    } catch (const Json::exception&) {
      fail(file.string() + ":" + std::to_string(number),
           "expected an event of a run, found " + in_quotes(line));
    }
  }
}

std::string no_run(const fs::path& folder) {
  return folder.string() + ": expected runs, which lucid-train writes, found none";
}

// But for the folder in which a sweep keeps what its processes print.
std::vector<fs::path> folders_in(const fs::path& folder) {
  const SweepFolder sweep(folder);
  const bool is_sweep = kind_of(sweep.made_from()) == FileKind::kFile;
  std::error_code error;
  std::vector<fs::path> inside;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->is_directory(error) && !entry->is_symlink(error) &&
        !(is_sweep && entry->path() == sweep.outputs()))
      inside.push_back(entry->path());
  if (error) fail(folder.string(), "cannot be read: " + error.message());
  std::ranges::sort(inside, {}, &fs::path::native);
  return inside;
}

// Adds the runs at and below a folder, damaged ones as passed over; returns whether there was any.
// Of folders without a run only the topmost one is named.
bool add_runs(const fs::path& folder, FoundRuns& found) {
  try {
    if (is_run(folder)) {
      found.runs.push_back(read_run(folder));
      return true;
    }
    std::vector<PassedOver> foreign;
    bool holds_runs = false;
    for (const fs::path& each : folders_in(folder)) {
      const bool is_foreign = !add_runs(each, found);
      if (is_foreign && each.filename() != RunFolder::kImported)
        foreign.push_back({each, no_run(each)});
      holds_runs |= !is_foreign;
    }
    if (holds_runs)
      found.passed_over.insert(found.passed_over.end(), foreign.begin(), foreign.end());
    return holds_runs;
  } catch (const Error& error) {
    found.passed_over.push_back({folder, error.what()});
    return true;
  }
}

}  // namespace

std::optional<double> RunEpoch::at(const std::string& name) const {
  const auto found = std::ranges::find(values, name, &NamedValues::value_type::first);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

std::int64_t Run::planned_epochs() const {
  if (fitted_epochs) return *fitted_epochs;
  const Json::json_pointer pointer("/train/epochs");
  return config.contains(pointer) ? config.at(pointer).get<std::int64_t>() : 0;
}

double Run::seconds() const {
  double sum = 0;
  for (const RunEpoch& epoch : epochs) sum += epoch.seconds;
  return sum;
}

std::string Run::monitor() const { return config.at("train").at("monitor").get<std::string>(); }

bool Run::higher_is_better() const {
  const std::string monitored = monitor();
  return is_higher_better(monitored.substr(monitored.find('.') + 1));
}

bool Run::is_higher_better(const std::string& name) const {
  ConfigErrors errors(folder.string());
  JsonObject root(config, "", errors);
  for (const MetricConfig& metric : read_metrics(root))
    if (name == metric.name() || name.starts_with(metric.name() + "_"))
      return metric.higher_is_better();
  return false;  // a loss
}

const RunEpoch* Run::best() const {
  const auto found = std::find_if(epochs.rbegin(), epochs.rend(),
                                  [](const RunEpoch& epoch) { return epoch.is_best; });
  return found == epochs.rend() ? nullptr : &*found;
}

std::optional<double> Run::best_value() const {
  return best() == nullptr ? std::nullopt : best()->at(monitor());
}

std::string Run::best_text() const {
  const auto value = best_value();
  return value ? fixed_value_text(*value, kDigits) : "";
}

bool is_run(const fs::path& folder) {
  const RunFolder run(folder);
  return kind_of(run.metrics()) == FileKind::kFile ||
         kind_of(run.last_checkpoint()) == FileKind::kFile;
}

Run read_run_config(const fs::path& folder) {
  const RunFolder files(folder);
  Run run{.folder = folder, .state = "stopped"};
  try {
    run.config =
        parse_json(read_file(files.config(), "the configuration of a run", ExitCode::kData),
                   files.config().string());
    run.config.at("train").at("monitor").get<std::string>();
  } catch (const Json::exception&) {
    fail(files.config().string(), "expected the configuration of a run, with /train/monitor");
  } catch (const Error& error) {
    throw Error(ExitCode::kData, error);
  }
  return run;
}

Run read_run(const fs::path& folder) {
  const bool is_locked = FolderLock::is_held(folder);  // before its log, whose end may follow
  Run run = read_run_config(folder);
  read_events(RunFolder(folder).metrics(), run);
  if (is_locked) run.state = "running";
  return run;
}

FoundRuns find_runs(const std::vector<fs::path>& folders) {
  FoundRuns found;
  for (const fs::path& folder : folders) {
    if (kind_of(folder) != FileKind::kFolder)
      throw Error(ExitCode::kUsage,
                  folder.string() + ": expected a folder of runs, found " +
                      (kind_of(folder) == FileKind::kMissing ? std::string("nothing")
                                                             : kind_text(kind_of(folder))));
    if (!add_runs(folder, found)) found.passed_over.push_back({folder, no_run(folder)});
  }
  return found;
}

}  // namespace lucid
