#include "train/report/run_log.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"
#include "train/report/event_json.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Keeps only the lines of a file for which `is_wanted` is true.
template <class Wanted>
void filter_lines(const fs::path& path, const Wanted& is_wanted) {
  const auto text = read_file_if_any(path, "a file", ExitCode::kFailed);
  if (!text) return;
  std::string kept, line;
  std::istringstream lines(*text);
  while (std::getline(lines, line))
    if (is_wanted(line, !lines.eof())) kept += line + "\n";
  write_file_atomically(path, kept);
}

// A field of the table is empty where a value is not defined.
std::string field_text(std::optional<double> value) {
  return value && !std::isnan(*value) ? number_text(*value) : "";
}

}  // namespace

RunLog::LineFile::LineFile(const fs::path& path)
    : path_(path), stream_(written_file(path), std::ios::app) {
  if (!stream_)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be written: " + std::strerror(errno));
}

void RunLog::LineFile::write(const std::string& line) {
  stream_ << line << '\n' << std::flush;
  if (!stream_)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be written: " + std::strerror(errno));
}

bool RunLog::LineFile::is_empty() const { return fs::file_size(path_) == 0; }

void RunLog::LineFile::sync() const { sync_file(path_); }

RunLog::RunLog(const RunFolder& folder, std::int64_t log_every,
               std::vector<std::string> validation_columns)
    : log_every_(log_every),
      validation_columns_(std::move(validation_columns)),
      log_(folder.log()),
      metrics_(folder.metrics()),
      table_(folder.table()) {
  if (!table_.is_empty()) return;
  CsvRow header;
  header.add("epoch").add("step").add("train_loss");
  for (const std::string& column : validation_columns_) header.add("validation_" + column);
  for (const char* column : {"lr", "seconds", "samples_per_second", "data_wait", "best"})
    header.add(column);
  table_.write(header.line());
}

// A process that ended just after the first checkpoint left the files of the run that it replaced.
void RunLog::rewind(const RunFolder& folder, std::int64_t complete_epochs, std::int64_t step) {
  std::error_code ignored;
  if (step == 0) {
    for (const fs::path& file : {folder.log(), folder.table(), folder.best_checkpoint()})
      fs::remove(file, ignored);
    for (const fs::path& file : folder.event_files()) fs::remove(file, ignored);
  }
  folder.remove_cases_after(complete_epochs);
  filter_lines(folder.metrics(), [&](const std::string& line, bool) {
    const Json event = Json::parse(line, nullptr, false);
    if (event.is_discarded() || !event.is_object()) return false;  // a crash left half a line
    const auto integer = [&](const char* key) {
      const auto at = event.find(key);
      return at != event.end() && at->is_number_integer() ? at->get<std::int64_t>()
                                                          : std::int64_t{0};
    };
    const bool is_epoch = event.contains("event") && event["event"] == "epoch";
    if (is_epoch && integer("epoch") > complete_epochs) return false;
    return integer("step") <= step;
  });
  filter_lines(folder.table(), [&](const std::string& line, bool is_whole) {
    const bool is_row = std::strtoll(line.c_str(), nullptr, 10) <= complete_epochs;
    return is_whole && (line.starts_with("epoch") || is_row);
  });
}

void RunLog::begin(const BeginEvent& event) {
  epochs_ = event.epochs;
  log_.write(event.name + ": " + event.machine + "; " + with_thousands(event.parameters) +
             " parameters; " + with_thousands(event.train_samples) + " samples to train on, " +
             with_thousands(event.validation_samples) + " to validate; from epoch " +
             std::to_string(event.epoch) + " to " + std::to_string(event.epochs));
}

void RunLog::step(const StepEvent& event) {
  if (event.step % log_every_ != 0) return;
  metrics_.write(json_text(event_json(event)));
}

void RunLog::epoch(const EpochEvent& event) {
  metrics_.write(json_text(event_json(event)));

  CsvRow row;
  row.add(event.epoch).add(event.step).add(field_text(event.train_loss));
  for (const std::string& column : validation_columns_)
    row.add(field_text(event.validation.at(column)));
  row.add(event.lr).add(event.seconds).add(event.samples_per_second).add(event.data_wait);
  table_.write(row.add(event.best).line());
  log_.write(epoch_line(event, epochs_));
}

void RunLog::time_limit(const TimeLimitEvent& event) {
  epochs_ = event.epochs;
  metrics_.write(json_text(event_json(event)));
  log_.write(time_limit_line(event));
}

void RunLog::end(const EndEvent& event) {
  metrics_.write(json_text(event_json(event)));
  log_.write(status_text(event.status) + (event.message.empty() ? "" : ": " + event.message));
}

void RunLog::note(const std::string& line) { log_.write(message_line(line)); }

void RunLog::sync() {
  metrics_.sync();
  table_.sync();
}

}  // namespace lucid
