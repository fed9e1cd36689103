#include <algorithm>
#include <iostream>

#include "arguments.h"
#include "base/file.h"
#include "base/folder_lock.h"
#include "base/text.h"
#include "program.h"
#include "run_commands/command.h"
#include "run_commands/sweep_forecast.h"
#include "run_commands/sweep_runner.h"
#include "runs/listing.h"
#include "stop_signal.h"
#include "tensor/engine.h"
#include "train/config/run_config.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

class SweepCommand : public Subcommand {
 public:
  explicit SweepCommand(CLI::App& app)
      : Subcommand(app, "sweep",
                   "Trains all combinations of the values that a file has to choose from") {
    options_.add_option("file", o_.file, "An experiment file with {\"$grid\": [..]} and the like")
        ->required()
        ->type_name("FILE");
    options_
        .add_option("--output", o_.output, "Folder of the sweep, which goes on if it was begun")
        ->required()
        ->type_name("DIR");
    options_
        .add_option("--samples", o_.samples, "Draws of $choice, $uniform and $log; default: 10")
        ->check(integer_range(1, 10000));
    options_.add_option("--parallel", o_.parallel, "Runs at a time; default: 1")
        ->check(integer_range(1, 1024));
    options_
        .add_option("--threads", o_.threads, "Threads of each run; default: a share of the cores")
        ->check(integer_range(1, 4096));
    options_.add_option("--hours", o_.hours, "Stop after this time; the same command goes on")
        ->check(positive_number());
    options_
        .add_option(
            "--halving", o_.halving,
            "Train all for a few epochs, the best 1/N of them for N times as many, and so on")
        ->check(integer_range(2, 100))
        ->type_name("N");
    CLI::Option* dry =
        options_.add_flag("--dry-run", o_.is_dry_run,
                          "Check all runs, list them with about how long they take, and end");
    CLI::Option* list = options_.add_flag("--list", o_.is_list, "Print a command a run, and end");
    options_.add_option("--only", o_.only, "Train this run of the sweep alone")
        ->type_name("NAME")
        ->excludes(dry)
        ->excludes(list);
    dry->excludes(list);
  }

  int run() override {
    const Json json = read_json_file(o_.file);
    const Sweep sweep(json, o_.file, o_.samples);
    check(sweep);
    const int share = static_cast<int>(default_threads() / o_.parallel);
    if (o_.threads == 0) o_.threads = std::max(1, share);
    if (o_.is_list) return list(sweep);
    if (o_.is_dry_run) {
      if (o_.halving > 0) planned_epochs();
      std::cout << SweepForecast(sweep, o_).text();
      return 0;
    }
    const SweepFolder folder(o_.output);
    return o_.only.empty() ? train_all(sweep, json, folder) : train_one(sweep, json, folder);
  }

 private:
  // Every combination is checked before the first one trains. Sets how many epochs each has.
  void check(const Sweep& sweep) {
    const fs::path parent = fs::path(o_.file).parent_path();
    for (const SweepRun& run : sweep.runs()) {
      try {
        epochs_.push_back(read_run_config(sweep.experiment(run), o_.file, parent).train.epochs);
      } catch (const Error& error) {
        throw Error(ExitCode::kUsage, std::string(error.what()) + "; in " + run.name);
      }
    }
  }

  int list(const Sweep& sweep) const {
    for (const SweepRun& run : sweep.runs()) {
      std::vector<std::string> words{"lucid-runs", "sweep",     o_.file,
                                     "--output",   o_.output,   "--only",
                                     run.name,     "--samples", std::to_string(o_.samples)};
      std::cout << shell_line(words) << '\n';
    }
    return 0;
  }

  int train_all(const Sweep& sweep, const Json& json, const SweepFolder& folder) {
    const FolderLock lock(folder.path(), {"the folder of the sweep cannot be made",
                                          "another process trains this sweep; wait for its end, or "
                                          "choose another folder with --output"});
    begin(json, folder);
    SweepRunner runner(o_, folder);
    bool is_complete = true;
    if (o_.halving == 0)
      is_complete = runner.train(sweep.runs(), {});
    else
      is_complete = halve(sweep, folder, runner);
    return end(folder, runner, is_complete);
  }

  int train_one(const Sweep& sweep, const Json& json, const SweepFolder& folder) {
    const auto found = std::ranges::find(sweep.runs(), o_.only, &SweepRun::name);
    if (found == sweep.runs().end())
      throw Error(ExitCode::kUsage,
                  "--only: no run " + in_quotes(o_.only) + "; --dry-run lists them");
    fs::create_directories(folder.path());
    begin(json, folder);
    SweepRunner runner(o_, folder);
    const bool is_complete = runner.train({*found}, {});
    return end(folder, runner, is_complete);
  }

  void begin(const Json& json, const SweepFolder& folder) const {
    folder.keep(json, o_.samples);
    fs::create_directories(folder.outputs());
    catch_stop_signals();
  }

  bool halve(const Sweep& sweep, const SweepFolder& folder, SweepRunner& runner) const {
    std::vector<SweepRun> left = sweep.runs();
    const std::int64_t epochs = planned_epochs();
    for (const std::int64_t epoch : halving_epochs(left.size(), epochs, o_.halving)) {
      const bool is_last = epoch == epochs;
      std::cerr << left.size() << (left.size() == 1 ? " run" : " runs") << " to epoch " << epoch
                << std::endl;
      if (!runner.train(left, is_last ? std::nullopt : std::optional(epoch))) return false;
      std::vector<std::optional<Run>> found;
      for (const SweepRun& run : left) found.push_back(folder.find(run));
      const auto factor = static_cast<std::size_t>(o_.halving);
      std::vector<SweepRun> kept;
      for (const std::size_t i : survivors(found, epoch, (left.size() + factor - 1) / factor))
        kept.push_back(left[i]);
      left = std::move(kept);
    }
    return true;
  }

  // Runs of different lengths cannot be compared after the same share of them.
  std::int64_t planned_epochs() const {
    if (std::ranges::count(epochs_, epochs_.front()) != std::ssize(epochs_))
      throw Error(ExitCode::kUsage,
                  o_.file + ": /train/epochs: expected the same in all runs with --halving");
    return epochs_.front();
  }

  int end(const SweepFolder& folder, const SweepRunner& runner, bool is_complete) const {
    FoundRuns found = find_runs({folder.path()});
    if (!found.runs.empty()) std::cout << RunListing(std::move(found.runs), "best", false).table();
    for (const std::string& name : runner.failed())
      std::cerr << "failed: " << name << ": see " << (folder.outputs() / name).string() << ".txt"
                << '\n';
    if (stop_signal() != 0) return 128 + stop_signal();
    if (!is_complete) std::cerr << "the time is over; the same command goes on" << '\n';
    return runner.failed().empty() && is_complete ? 0 : static_cast<int>(ExitCode::kFailed);
  }

  SweepOptions o_;
  std::vector<std::int64_t> epochs_;  // by run
};

}  // namespace

std::unique_ptr<Subcommand> sweep_command(CLI::App& app) {
  return std::make_unique<SweepCommand>(app);
}

}  // namespace lucid
