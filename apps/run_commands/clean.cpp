#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "base/table.h"
#include "base/text.h"
#include "program.h"
#include "run_commands/command.h"
#include "runs/removal.h"

namespace lucid {
namespace {

const std::vector<std::string> kStates{"finished", "early_stopping", "interrupted", "diverged",
                                       "stopped"};

struct Planned {
  const Run* run;
  Removal removal;
};

std::string count_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " run" : " runs");
}

class Clean : public Subcommand {
 public:
  explicit Clean(CLI::App& app)
      : Subcommand(app, "clean", "Remove runs, or their last checkpoints; never a running one") {
    options_.add_option("folder", folders_, "Runs, or folders that hold runs")
        ->required()
        ->type_name("DIR...");
    options_.add_option("--state", choice_.states, "Those that ended so: " + join(kStates, ", "))
        ->type_name("STATE,...")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(one_of(kStates));
    options_
        .add_option("--keep-best", choice_.keep_best,
                    "All but so many, the best by the monitored value; 0: all")
        ->type_name("N")
        ->check(integer_from(0));
    options_.add_option("--older-than", days_, "Those whose log was last written so long ago")
        ->type_name("DAYS")
        ->check(number_range(0, 36500));
    options_.add_flag("--checkpoints", only_checkpoints_,
                      "Only checkpoints/last.h5 of each, where there is a best.h5");
    options_.add_flag("--dry-run", is_dry_, "Only tell what would be removed");
    options_.add_flag("--yes", is_sure_, "Do not ask");
  }

  int run() override {
    check_arguments();
    if (days_) choice_.older_than_seconds = *days_ * 86400;
    const std::vector<Run> runs = chosen_runs(runs_of(folders_), choice_);
    const std::vector<Planned> removals = plan(runs);
    tell(removals);
    if (is_dry_ || removals.empty()) return 0;
    if (!is_sure_ && !is_agreed()) {
      std::cout << "nothing removed\n";
      return 0;
    }
    return remove_all(removals);
  }

 private:
  void check_arguments() const {
    if (choice_.states.empty() && !choice_.keep_best && !days_)
      throw Error(ExitCode::kUsage,
                  "lucid-runs: expected --state, --keep-best or --older-than, found none; "
                  "--keep-best 0 means all runs; see lucid-runs clean --help");
    if (!is_sure_ && !is_dry_ && isatty(STDIN_FILENO) != 1)
      throw Error(ExitCode::kUsage,
                  "lucid-runs: expected --yes or --dry-run where nobody can be asked; see "
                  "lucid-runs clean --help");
  }

  std::vector<Planned> plan(const std::vector<Run>& runs) const {
    std::vector<Planned> all;
    for (const Run& run : runs) try {
        Removal removal =
            only_checkpoints_ ? removal_of_checkpoints(run.folder) : removal_of_run(run.folder);
        if (!removal.files.empty()) all.push_back({&run, std::move(removal)});
      } catch (const Error& error) {
        print_warning(std::string(error.what()) + "; passed over");
      }
    return all;
  }

  void tell(const std::vector<Planned>& removals) const {
    std::uint64_t bytes = 0;
    Table table({"run", "state", "epoch", "best", "files", "size"});
    for (const auto& [run, removal] : removals) {
      table.add({run->folder.string(), run->state,
                 std::to_string(run->epochs.empty() ? 0 : run->epochs.back().epoch),
                 run->best_text(), std::to_string(removal.files.size()),
                 bytes_text(removal.bytes)});
      bytes += removal.bytes;
    }
    if (!removals.empty()) std::cout << table.text();
    for (const auto& [run, removal] : removals)
      for (const auto& other : removal.others)
        std::cout << "stays: " << printable(other.string()) << ", which no run wrote\n";
    std::cout << count_text(removals.size()) << ", " << bytes_text(bytes)
              << (is_dry_ ? " would be removed\n" : " to remove\n") << std::flush;
  }

  bool is_agreed() const {
    std::cerr << "Remove " << (only_checkpoints_ ? "the checkpoints? [y/N] " : "them? [y/N] ")
              << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
  }

  int remove_all(const std::vector<Planned>& removals) const {
    std::size_t removed = 0;
    std::uint64_t bytes = 0;
    for (const auto& [run, removal] : removals) try {
        remove(removal);
        ++removed;
        bytes += removal.bytes;
      } catch (const Error& error) {
        std::cerr << error.what() << std::endl;
      }
    std::cout << "removed " << bytes_text(bytes) << " of " << count_text(removed) << "\n";
    return static_cast<int>(removed == removals.size() ? ExitCode::kDone : ExitCode::kFailed);
  }

  std::vector<std::string> folders_;
  RemovalChoice choice_;
  std::optional<double> days_;
  bool only_checkpoints_ = false, is_dry_ = false, is_sure_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> clean_command(CLI::App& app) { return std::make_unique<Clean>(app); }

}  // namespace lucid
