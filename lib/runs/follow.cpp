#include "runs/follow.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"

namespace lucid {
namespace {

double logged_number(const Json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

EndEvent end_event(const Json& event) {
  const std::string status = event.at("status").get<std::string>();
  EndEvent end{RunStatus::kInterrupted,
               event.at("epoch").get<std::int64_t>(),
               event.at("step").get<std::int64_t>(),
               event.at("monitor").get<std::string>(),
               event.at("best").is_number(),
               logged_number(event.at("best")),
               event.value("message", "")};
  for (const RunStatus each :
       {RunStatus::kFinished, RunStatus::kEarlyStopping, RunStatus::kDiverged})
    if (status == status_text(each)) end.status = each;
  return end;
}

// Returns how much of the text is the same whole lines as before.
std::size_t common_lines(const std::string& before, const std::string& text) {
  const auto end = std::ranges::mismatch(before, text).in1;
  const auto same = static_cast<std::size_t>(end - before.begin());
  if (same == before.size() || same == 0) return same;
  const std::size_t newline = before.rfind('\n', same - 1);
  return newline == std::string::npos ? 0 : newline + 1;
}

}  // namespace

RunFollower::RunFollower(std::filesystem::path metrics, const Json& config)
    : metrics_(std::move(metrics)), value_names_{"loss"} {
  ConfigErrors errors(metrics_.string());
  JsonObject root(config, "", errors);
  for (const MetricConfig& metric : read_metrics(root)) value_names_.push_back(metric.name());
}

bool RunFollower::poll(Report& report) {
  const std::string text =
      read_file_if_any(metrics_, "the log of a run", ExitCode::kData).value_or("");
  const std::size_t same = common_lines(told_, text);
  const bool is_rewound = same < told_.size();
  if (is_rewound) {
    step_ = epoch_end_ = 0;
    Report nobody;
    tell(std::string_view(text).substr(0, same), nobody);
  }
  told_ = text.substr(0, text.rfind('\n') + 1);
  tell(std::string_view(told_).substr(same), report);
  return is_rewound;
}

void RunFollower::forget_end() {
  state_ = "stopped";
  message_.clear();
}

void RunFollower::tell(std::string_view lines, Report& report) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    try {
      tell_event(Json::parse(line), report);
    } catch (const Json::exception&) {
      fail(metrics_.string(), "expected an event of a run, found " + in_quotes(line));
    }
  }
}

void RunFollower::tell_event(const Json& event, Report& report) {
  const std::string kind = event.at("event").get<std::string>();
  step_ = event.at("step").get<std::int64_t>();
  forget_end();
  if (kind == "end") {
    state_ = event.at("status").get<std::string>();
    message_ = event.value("message", "");
  }
  if (kind == "time_limit") fitted_epochs_ = event.at("epochs").get<std::int64_t>();
  if (kind == "step") report.step(step_event(event));
  if (kind == "end") report.end(end_event(event));
  if (kind != "epoch") return;
  const EpochEvent epoch = epoch_event(event);
  epoch_end_ = epoch.step;
  steps_per_epoch_ = epoch.step / std::max(epoch.epoch, std::int64_t{1});
  samples_per_second_ = epoch.samples_per_second;
  report.epoch(epoch);
}

// Batches are counted in steps here.
StepEvent RunFollower::step_event(const Json& event) const {
  return {.epoch = event.at("epoch").get<std::int64_t>(),
          .step = step_,
          .batch = step_ - epoch_end_,
          .loss = static_cast<float>(logged_number(event.at("loss"))),
          .lr = logged_number(event.at("lr")),
          .samples_per_second = samples_per_second_};
}

EpochEvent RunFollower::epoch_event(const Json& event) const {
  EpochEvent epoch{.epoch = event.at("epoch").get<std::int64_t>(),
                   .step = step_,
                   .train_loss = logged_number(event.at("train").at("loss")),
                   .validation = {},
                   .lr = logged_number(event.at("lr")),
                   .seconds = logged_number(event.at("seconds")),
                   .samples_per_second = event.at("samples_per_second").get<double>(),
                   .data_wait = logged_number(event.at("data_wait")),
                   .read = {},
                   .best = event.at("best").get<bool>()};
  epoch.read.stored_bytes = event.value("bytes_read", epoch.read.stored_bytes);
  epoch.read.hits = event.value("cache_hits", epoch.read.hits);
  epoch.read.misses = event.value("cache_misses", epoch.read.misses);
  for (const Json& waits : event.value("ranks", Json::array()))
    epoch.ranks.push_back(
        {logged_number(waits.at("data_wait")), logged_number(waits.at("communication_wait"))});
  const Json validation = event.value("validation", Json::object());
  for (const auto& [name, value] : validation.items()) {
    if (!value.is_number() && !value.is_null()) continue;  // a table
    const bool is_value = std::ranges::find(value_names_, name) != value_names_.end();
    (is_value ? epoch.validation.values : epoch.validation.details)
        .emplace_back(name, logged_number(value));
  }
  return epoch;
}

}  // namespace lucid
