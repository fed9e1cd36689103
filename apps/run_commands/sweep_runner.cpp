#include "run_commands/sweep_runner.h"

#include <algorithm>
#include <ctime>
#include <iostream>

#include "base/file.h"
#include "base/machine/cores.h"
#include "base/text.h"
#include "stop_signal.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

// Returns the last line that a run's processes printed.
std::string last_line(const std::filesystem::path& file) {
  std::string text = read_file_if_any(file, "a file", ExitCode::kFailed).value_or("");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

SweepRunner::SweepRunner(const SweepOptions& options, const SweepFolder& folder)
    : options_(options), folder_(folder) {}

bool SweepRunner::is_out_of_time() const {
  constexpr double kSeconds = 3600;
  return stop_signal() != 0 || (options_.hours && watch_.seconds() >= *options_.hours * kSeconds);
}

bool SweepRunner::has_failed(const SweepRun& run) const {
  return std::ranges::find(failed_, run.name) != failed_.end();
}

bool SweepRunner::train(const std::vector<SweepRun>& runs,
                        std::optional<std::int64_t> until_epoch) {
  constexpr timespec kPause{0, 20'000'000};
  std::vector<SweepRun> waiting;
  for (const SweepRun& run : runs)
    if (!has_failed(run) && !is_done(folder_.find(run), until_epoch)) waiting.push_back(run);
  count_ = runs.size();
  done_ = count_ - waiting.size();
  std::size_t next = 0;
  while (next < waiting.size() || !active_.empty()) {
    if (is_out_of_time()) {
      stop_all(until_epoch);
      return false;
    }
    while (next < waiting.size() && std::ssize(active_) < options_.parallel)
      start(waiting[next++], until_epoch);
    nanosleep(&kPause, nullptr);
    collect(until_epoch);
  }
  return true;
}

void SweepRunner::start(const SweepRun& run, std::optional<std::int64_t> until_epoch) {
  std::vector<std::string> arguments;
  if (kind_of(RunFolder(folder_.of(run)).last_checkpoint()) == FileKind::kFile) {
    arguments = {"--resume", folder_.of(run)};
  } else {
    arguments = {"--config", options_.file, "--output", folder_.of(run), "--overwrite"};
    for (const std::string& assignment : run.assignments())
      arguments.insert(arguments.end(), {"--set", assignment});
  }
  if (until_epoch)
    arguments.insert(arguments.end(), {"--until-epoch", std::to_string(*until_epoch)});
  arguments.insert(arguments.end(), {"--quiet", "--threads", std::to_string(options_.threads)});
  active_.push_back({run, Child("lucid-train", arguments, folder_.output(run))});
}

void SweepRunner::collect(std::optional<std::int64_t> until_epoch) {
  for (std::size_t i = 0; i < active_.size();) {
    if (!active_[i].child.has_ended()) {
      ++i;
      continue;
    }
    tell_end(active_[i], until_epoch);
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void SweepRunner::tell_end(const Active& active, std::optional<std::int64_t> until_epoch) {
  const SweepRun& run = active.run;
  const std::optional<Run> found = folder_.find(run);
  std::string line = run.name + ": ";
  if (is_done(found, until_epoch)) {
    ++done_;
    line += found->state == "interrupted" ? "trained to epoch " + std::to_string(*until_epoch)
                                          : found->state;
    if (found->best() != nullptr) line += ", best " + found->monitor() + " " + found->best_text();
  } else {
    failed_.push_back(run.name);
    line += "failed with " + std::to_string(active.child.code()) + ": " +
            message_line(last_line(folder_.output(run)));
  }
  std::cerr << "[" << done_ << "/" << count_ << "] " << line << std::endl;
}

void SweepRunner::stop_all(std::optional<std::int64_t> until_epoch) {
  for (const Active& each : active_) each.child.terminate();
  for (Active& each : active_) {
    each.child.wait();
    if (is_done(folder_.find(each.run), until_epoch)) tell_end(each, until_epoch);
  }
  active_.clear();
}

}  // namespace lucid
