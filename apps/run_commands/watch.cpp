#include <ctime>
#include <iostream>

#include "base/file.h"
#include "base/folder_lock.h"
#include "base/text.h"
#include "run_commands/command.h"
#include "runs/follow.h"
#include "stop_signal.h"
#include "train/report/run_folder.h"
#include "train_progress.h"

namespace lucid {
namespace {

void wait_briefly() {
  constexpr timespec kPause{0, 200'000'000};
  nanosleep(&kPause, nullptr);  // a signal ends it
}

// What was logged before one began to watch: enough to go on from there.
struct History : Report {
  void epoch(const EpochEvent& event) override {
    last = event;
    if (event.best) best = event;
  }
  std::optional<EpochEvent> last, best;
};

// The exit code that tells how a run ended.
int code_of(const std::string& state) {
  if (state == status_text(RunStatus::kFinished) || state == status_text(RunStatus::kEarlyStopping))
    return 0;
  return static_cast<int>(state == status_text(RunStatus::kDiverged) ? ExitCode::kDiverged
                                                                     : ExitCode::kFailed);
}

// Shows a run that goes on as its own process does.
class Watched {
 public:
  Watched(const RunFolder& folder, const Json& config)
      : folder_(folder),
        follower_(folder.metrics(), config),
        progress_(config.at("train").at("log_every").get<std::int64_t>(),
                  TrainProgress::Kind::kDrawn) {
    begin_.name = config.value("name", folder.path().filename().string());
    begin_.epochs = config.at("train").at("epochs").get<std::int64_t>();
    begin_.monitor = config.at("train").at("monitor").get<std::string>();
    const Json most = config.at("train").value("max_steps", Json());
    if (most.is_number()) most_steps_ = most.get<std::int64_t>();
  }

  void begin() {
    History history;
    follower_.poll(history);
    forget_earlier_end();
    plan();
    progress_.note(begin_.name + ": " + std::to_string(begin_.epochs) + " epochs; run folder " +
                   folder_.path().string());
    if (history.best) progress_.remember(*history.best);
    if (history.last) progress_.epoch(*history.last);
  }

  // Returns false where the log was rewound: the run may have another config now.
  bool show() {
    if (follower_.poll(progress_)) {
      progress_.note("the run went on from before: it is at step " +
                     std::to_string(follower_.step()));
      return false;
    }
    plan();
    return true;
  }

  int end() {
    if (!follower_.message().empty()) progress_.note(follower_.message());
    if (follower_.state() == "stopped")
      progress_.note(folder_.path().string() +
                     ": the process ended without a word; lucid-train --resume goes on");
    return code_of(follower_.state());
  }

  void leave() { progress_.clear(); }

 private:
  // The log of a run that was resumed may end with the end of its earlier part. A process that has
  // ended itself has little left to do.
  void forget_earlier_end() {
    constexpr int kTries = 5;
    for (int i = 0; i < kTries && follower_.state() != "stopped"; ++i) wait_briefly();
    if (FolderLock::is_held(folder_.path())) follower_.forget_end();
  }

  // The steps of an epoch are known when one is complete.
  void plan() {
    begin_.epochs = follower_.fitted_epochs().value_or(begin_.epochs);
    begin_.batches = follower_.steps_per_epoch();
    begin_.steps = begin_.epochs * begin_.batches;
    if (most_steps_) begin_.steps = std::min(begin_.steps, *most_steps_);
    progress_.plan(begin_);
  }

  RunFolder folder_;
  RunFollower follower_;
  TrainProgress progress_;
  BeginEvent begin_;
  std::optional<std::int64_t> most_steps_;
};

class Watch : public Subcommand {
 public:
  explicit Watch(CLI::App& app)
      : Subcommand(
            app, "watch",
            "Follow a run in another process: 0 when it finished, 4 when it diverged, else 1") {
    options_.add_option("run", folder_, "The folder of the run")->required()->type_name("RUN");
  }

  int run() override {
    const bool is_held = FolderLock::is_held(folder_);
    if (!is_held && !is_run(folder_))
      throw Error(ExitCode::kUsage,
                  folder_ + ": expected the folder of a run; lucid-runs list finds them");
    if (!is_held) return tell_end();
    catch_stop_signals();
    return follow();
  }

 private:
  int tell_end() {
    const Run run = read_run(folder_);
    std::cerr << message_line(folder_ + ": does not run: " + run.state + ", epoch " +
                              std::to_string(run.epochs.empty() ? 0 : run.epochs.back().epoch) +
                              " of " + std::to_string(run.planned_epochs()) +
                              (run.message.empty() ? "" : "; " + run.message))
              << std::endl;
    return code_of(run.state);
  }

  // A process that only begins has written nothing yet.
  std::optional<Json> config() const {
    const RunFolder folder(folder_);
    const auto text =
        read_file_if_any(folder.config(), "the configuration of a run", ExitCode::kData);
    return text ? std::optional(parse_json(*text, folder.config().string())) : std::nullopt;
  }

  int follow() {
    std::optional<Watched> watched;
    while (true) {
      const bool is_held = FolderLock::is_held(folder_);  // before the log, whose end may follow
      if (!watched)
        if (const auto found = config()) {
          watched.emplace(RunFolder(folder_), *found);
          watched->begin();
        }
      if (watched && !watched->show()) watched.reset();
      if (!is_held && watched) return watched->end();
      if (!is_held && !config())
        throw Error(ExitCode::kFailed, folder_ + ": the run ended before it began to train");
      if (is_held) wait_briefly();
      if (stop_signal() == 0) continue;
      if (watched) watched->leave();
      return 128 + stop_signal();
    }
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<Subcommand> watch_command(CLI::App& app) { return std::make_unique<Watch>(app); }

}  // namespace lucid
