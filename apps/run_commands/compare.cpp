#include <iostream>

#include "arguments.h"
#include "run_commands/command.h"
#include "runs/comparison.h"

namespace lucid {
namespace {

class Compare : public Subcommand {
 public:
  explicit Compare(CLI::App& app)
      : Subcommand(app, "compare", "What differs between runs, and their curves side by side") {
    options_.add_option("run", folders_, "Runs, or folders that hold runs")
        ->required()
        ->type_name("RUN...");
    options_
        .add_option("--value", values_,
                    "Curves, as validation.dice; default: train.loss and what is monitored")
        ->type_name("NAME...");
    options_.add_option("--rows", rows_, "Epochs that are shown of many; default: 20")
        ->check(integer_from(2));
    options_.add_flag("--json", is_json_, "All epochs as JSON");
  }

  int run() override {
    std::vector<Run> runs = runs_of(folders_);
    if (runs.size() < 2)
      throw Error(ExitCode::kUsage, "expected at least two runs to compare, found 1");
    const RunComparison comparison(std::move(runs), values_);
    std::cout << (is_json_ ? json_text(comparison.json(), 2) + "\n" : comparison.text(rows_));
    return 0;
  }

 private:
  std::vector<std::string> folders_, values_;
  std::int64_t rows_ = 20;
  bool is_json_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> compare_command(CLI::App& app) {
  return std::make_unique<Compare>(app);
}

}  // namespace lucid
