#include <iostream>

#include "run_commands/command.h"
#include "runs/comparison.h"

namespace lucid {
namespace {

class Show : public Subcommand {
 public:
  explicit Show(CLI::App& app)
      : Subcommand(app, "show", "State, files and a row an epoch of one run") {
    options_.add_option("run", folder_, "The folder of the run")->required()->type_name("RUN");
  }

  int run() override {
    if (!is_run(folder_))
      throw Error(ExitCode::kUsage,
                  folder_ + ": expected the folder of a run; lucid-runs list finds them");
    std::cout << run_text(read_run(folder_));
    return 0;
  }

 private:
  std::string folder_;
};

}  // namespace

std::unique_ptr<Subcommand> show_command(CLI::App& app) { return std::make_unique<Show>(app); }

}  // namespace lucid
