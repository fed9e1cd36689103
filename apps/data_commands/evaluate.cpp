#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/command_files.h"
#include "base/memory.h"
#include "data/hdf5/files_behind.h"
#include "data_commands/command.h"
#include "formats/labels/label_volume.h"
#include "labels/evaluation/summary.h"
#include "work_progress.h"

namespace lucid {
namespace {

class Evaluate : public Subcommand {
 public:
  explicit Evaluate(CLI::App& app)
      : Subcommand(app, "evaluate",
                   "Compares predicted label volumes with the truth: Dice, IoU, surface distances, "
                   "volumes; or numbered objects") {
    options_
        .add_option("prediction", prediction_,
                    "A volume, FILE.h5:/PATH (which may hold a *) or a folder of volumes")
        ->required();
    options_.add_option("truth", truth_, "The same, with the same names")->required();
    options_
        .add_option("--tolerance", evaluation_.tolerance,
                    "Of the surface Dice: how far a surface may be from the other, in mm")
        ->type_name("MM")
        ->check(number_range(0, 1e9))
        ->capture_default_str();
    options_.add_flag("!--no-distances", evaluation_.has_distances, "Overlaps and volumes only");
    options_.add_flag("--instances", evaluation_.are_instances,
                      "Labels are numbers of objects: adapted Rand error, variation of "
                      "information, average precision");
    options_
        .add_option("--undefined", undefined_,
                    "Distances of a class that only one of the two has: skip leaves them out of "
                    "means, diagonal takes the volume's diagonal")
        ->check(one_of({"skip", "diagonal"}))
        ->capture_default_str();
    options_
        .add_option("--memory", memory_mib_, "MiB that the voxels of surfaces may take at most")
        ->check(integer_range(1, 1 << 24))
        ->capture_default_str();
    options_.add_option("--csv", csv_.path, "A row for each case and class")->type_name("FILE");
    json_option_ = options_
                       .add_option("--json", json_.path,
                                   "Cases and means, also as in nnU-Net's summary.json; without "
                                   "FILE on stdout in place of the table")
                       ->type_name("[FILE]")
                       ->expected(0, 1);
    options_.add_flag("--overwrite", may_overwrite_, "Replace existing outputs");
    add_threads(options_, threads_);
  }

  int run() override {
    const std::vector<LabelSource> predictions = find_labels(prediction_);
    const std::vector<LabelCase> pairs = pair_labels(predictions, find_labels(truth_));
    check_files(pairs);
    evaluation_.missing =
        undefined_ == "skip" ? MissingDistance::kSkipped : MissingDistance::kDiagonal;
    evaluation_.memory_bytes = memory_mib_ << 20;
    std::vector<CaseMeasures> cases = measure(pairs);
    print_warnings(warnings_);
    complete_classes(cases);
    const std::string json = json_text(evaluation_json(cases, evaluation_), 2) + "\n";
    std::cout << (prints_json() ? json : evaluation_table(cases));
    if (!csv_.path.empty()) write(csv_, evaluation_csv(cases));
    if (!json_.path.empty()) write(json_, json);
    return 0;
  }

 private:
  bool prints_json() const { return json_option_->count() > 0 && json_.path.empty(); }

  void check_files(const std::vector<LabelCase>& pairs) {
    CommandFiles files;
    for (OutputFile* output : {&csv_, &json_}) {
      output->may_overwrite = may_overwrite_;
      if (!output->path.empty()) files.writes(*output, "output");
    }
    for (const LabelCase& each : pairs) {
      hdf5::add_input(files, each.prediction.file, "prediction");
      hdf5::add_input(files, each.truth.file, "truth");
    }
    files.check();
  }

  std::vector<CaseMeasures> measure(const std::vector<LabelCase>& pairs) {
    std::vector<CaseMeasures> cases;
    WorkProgress progress;
    for (const LabelCase& each : pairs) {
      const auto advance = [&](double share) {
        progress.update(each.name, (static_cast<double>(cases.size()) + share) /
                                       static_cast<double>(pairs.size()));
      };
      cases.push_back(naming_memory(each.prediction.file.string(),
                                    [&] { return measure_pair(each, advance); }));
    }
    return cases;
  }

  CaseMeasures measure_pair(const LabelCase& each, const LabelProgress& advance) {
    LabelVolume prediction(each.prediction, threads_), truth(each.truth, threads_);
    const CaseVolumes volumes{each.name,     prediction.place(),
                              truth.place(), prediction,
                              truth,         common_voxel_size(prediction, truth, warnings_)};
    CaseMeasures measures = measure_case(volumes, evaluation_, advance);
    for (LabelVolume* volume : {&prediction, &truth})
      for (const std::string& warning : volume->warnings()) warnings_.push_back(warning);
    // Those about a dataset come with each of its samples.
    warnings_.erase(std::unique(warnings_.begin(), warnings_.end()), warnings_.end());
    return measures;
  }

  static void write(const OutputFile& output, const std::string& text) {
    write_file_atomically(output, std::as_bytes(std::span(text)));
  }

  std::string prediction_, truth_, undefined_ = "skip";
  EvaluationOptions evaluation_;
  std::size_t memory_mib_ = EvaluationOptions{}.memory_bytes >> 20;
  OutputFile csv_, json_;
  CLI::Option* json_option_ = nullptr;
  bool may_overwrite_ = false;
  int threads_ = 1;
  std::vector<std::string> warnings_;
};

}  // namespace

std::unique_ptr<Subcommand> evaluate_command(CLI::App& app) {
  return std::make_unique<Evaluate>(app);
}

}  // namespace lucid
