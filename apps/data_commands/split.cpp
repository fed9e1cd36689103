#include "formats/split/split.h"

#include <iostream>

#include "data/volumes/volumes.h"
#include "data_commands/command.h"
#include "work_progress.h"

namespace lucid {
namespace {

class Split : public Subcommand {
 public:
  explicit Split(CLI::App& app)
      : Subcommand(app, "split",
                   "Assigns cases (groups or files) or samples to train.h5, validation.h5 and "
                   "test.h5, or cuts one volume along an axis") {
    options_.add_option("input", inputs_, "HDF5 files, globs or folders")
        ->required()
        ->type_name("FILE...");
    options_.add_option("--output", split_.output, "A folder for the sets")
        ->required()
        ->type_name("DIR");
    options_.add_flag("--overwrite", split_.may_overwrite, "Replace existing sets");
    options_
        .add_option("--fractions", split_.fractions,
                    "Fractions of the sets; cases beyond their sum are left out")
        ->delimiter(',')
        ->capture_default_str();
    options_.add_option("--names", split_.names, "Names of the sets")
        ->delimiter(',')
        ->capture_default_str();
    options_.add_option("--seed", split_.seed, "Equal seeds give equal sets")
        ->check(integer_from(0))
        ->capture_default_str();
    options_.add_option("--along", along_, "Cuts one volume in this order along d, h or w")
        ->check(one_of({"d", "h", "w"}));
    options_
        .add_option("--stratify", split_.stratify,
                    "A dataset of a class a sample, or within every case: each in proportion")
        ->type_name("PATH");
    options_.add_flag("--link", split_.are_linked,
                      "Sets name the cases of the input, which has to stay where it is");
  }

  int run() override {
    split_.inputs = expand_files(inputs_, {});
    for (const std::string& repeated : remove_repeated(split_.inputs))
      std::cerr << "warning: " << repeated << '\n';
    if (!along_.empty()) split_.along = along_[0];
    for (const SplitSet& set : write_sets())
      std::cout << set.file.string() << ": " << set.content << '\n';
    return 0;
  }

 private:
  std::vector<SplitSet> write_sets() const {
    WorkProgress progress;
    return split_set(split_, [&](double share) { progress.update("splitting", share); });
  }

  SplitOptions split_;
  std::vector<std::string> inputs_;
  std::string along_;
};

}  // namespace

std::unique_ptr<Subcommand> split_command(CLI::App& app) { return std::make_unique<Split>(app); }

}  // namespace lucid
