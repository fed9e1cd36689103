#include <iostream>

#include "run_commands/command.h"
#include "runs/listing.h"

namespace lucid {
namespace {

class List : public Subcommand {
 public:
  explicit List(CLI::App& app)
      : Subcommand(app, "list", "A row a run: state, epoch, best value, time, and what differs") {
    options_.add_option("folder", folders_, "Runs, or folders that hold runs; default: runs")
        ->type_name("DIR...");
    options_
        .add_option("--sort", order_,
                    "best (the default), name, epoch, seconds, state, or a key that differs, as "
                    "optimizer.lr")
        ->type_name("COLUMN");
    options_.add_flag("--reverse", is_reversed_, "The other way round");
    CLI::Option* json = options_.add_flag("--json", is_json_, "Rows as JSON");
    options_.add_flag("--csv", is_csv_, "Rows as CSV")->excludes(json);
  }

  int run() override {
    const RunListing listing(runs_of(folders_), order_, is_reversed_);
    if (is_json_)
      std::cout << json_text(listing.json(), 2) << "\n";
    else
      std::cout << (is_csv_ ? listing.csv() : listing.table());
    return 0;
  }

 private:
  std::vector<std::string> folders_{"runs"};
  std::string order_ = "best";
  bool is_reversed_ = false, is_json_ = false, is_csv_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> list_command(CLI::App& app) { return std::make_unique<List>(app); }

}  // namespace lucid
