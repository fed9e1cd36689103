#include "folds/predictions.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "data/volumes/voxel_size.h"
#include "folds/compared_labels.h"
#include "formats/labels/label_volume.h"
#include "infer/infer.h"
#include "infer/predict/predictor.h"
#include "infer/volume/volume_output.h"
#include "labels/evaluation/summary.h"
#include "train/config/resume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// The names of files of cases, whose own names may hold the folders of their volumes.
std::string file_of_case(const std::string& name) {
  std::string file = name;
  std::ranges::replace(file, '/', '_');
  return file + ".h5";
}

bool have_class_labels(const RunConfig& config, const Stack& target) {
  if (!target.holds_integers()) return false;
  const auto ranges =
      config.objective->label_ranges(output_shapes(config.graph), TargetType::kIntegers);
  const auto terms = config.objective->terms();
  for (std::size_t i = 0; i < terms.size(); ++i)
    if (terms[i].loss.get() == &config.objective->main()) return ranges[i].has_value();
  return false;
}

// Predicts the cases of one fold, one after the other.
class HeldOutRun {
 public:
  HeldOutRun(const TrainedFold& fold, const PredictingCheckpoint& checkpoint,
             const InferProgress& progress, const InferNote& note)
      : fold_(fold),
        config_(fold.config()),
        checkpoint_(checkpoint),
        progress_(progress),
        note_(note),
        folder_(fold.folder.predictions(fold.fold)) {}

  // Returns what the summary of the fold holds; nothing if it was stopped.
  std::optional<Json> run() {
    switch (held_out_kind(config_, fold_.cases)) {
      case HeldOutKind::kLabels:
        return labels();
      case HeldOutKind::kVoxels:
        return voxels();
      case HeldOutKind::kSamples:
        return samples();
    }
    return std::nullopt;
  }

 private:
  InferOptions options(const fs::path& output) const {
    InferOptions options;
    options.checkpoints = {checkpoint_.path};
    options.output = output;
    options.may_overwrite = true;
    options.takes_stored_rules = false;  // they are chosen by what it predicts without
    options.threads = fold_.threads;
    if (fold_.folds.predicts_flips) options.tiles.emplace().flips_as_trained = true;
    return options;
  }

  // Predicts a case into a file of its own; returns false if it was stopped.
  bool predict(const FoldCase& each, InferOptions options, InferResult& result) {
    options.inputs = {each.stacks->first().file().string()};
    options.cases = {each.name_in_file};
    const auto all = static_cast<std::int64_t>(fold_.split.held_out.size());
    result = infer(
        options, [&](std::int64_t, std::int64_t) { return progress_(done_, all); }, note_);
    return !result.was_stopped && progress_(++done_, all);
  }

  // A process that was killed once the file was complete left what it was made from.
  static bool is_there(const fs::path& output) {
    if (kind_of(output) != FileKind::kFile) return false;
    fs::remove_all(output.string() + ".partial");
    remove_leftovers(output);
    return true;
  }

  std::optional<Json> labels() {
    const EvaluationOptions evaluation;
    std::vector<CaseMeasures> measured;
    for (const std::string& name : sorted(fold_.split.held_out)) {
      const FoldCase& each = fold_.cases.named(name);
      InferOptions asked = options(folder_ / file_of_case(name));
      asked.activation = Activation::kArgmax;
      asked.output_type = label_output_type(config_.graph.output_shape()[0]);
      InferResult result;
      if (is_there(asked.output))
        ++done_;
      else if (!predict(each, std::move(asked), result))
        return std::nullopt;
      measured.push_back(measures_of(each, evaluation));
      if (!progress_(done_, static_cast<std::int64_t>(fold_.split.held_out.size())))
        return std::nullopt;
    }
    complete_classes(measured);
    return evaluation_json(measured, evaluation);
  }

  CaseMeasures measures_of(const FoldCase& each, const EvaluationOptions& evaluation) const {
    const fs::path file = folder_ / file_of_case(each.name);
    LabelVolume predicted({each.name, file, "predictions", "ndhw", 0}, 1);
    ComparedLabels labels(each, predicted,
                          {.ignored = config_.objective->ignore_index(),
                           .roi = config_.data.train.roi,
                           .threads = std::max(fold_.threads, 1)});
    const Stack& truth = *each.stacks->target;
    const VoxelSize size = voxel_size_of(each.stacks->first())
                               .value_or(config_.data.grid.voxel_size.value_or(VoxelSize{1, 1, 1}));
    return measure_case({each.name, file.lexically_relative(fold_.folder.path()).string(),
                         truth.place(), labels.prediction(), labels.truth(), size},
                        evaluation, [](double) {});
  }

  std::optional<Json> voxels() {
    Json cases = Json::array();
    for (const std::string& name : sorted(fold_.split.held_out)) {
      const FoldCase& each = fold_.cases.named(name);
      InferOptions asked = options(folder_ / file_of_case(name));
      asked.target = config_.data.train.target;
      const std::string file = asked.output.lexically_relative(fold_.folder.path()).string();
      InferResult result;
      if (!predict(each, std::move(asked), result)) return std::nullopt;
      Json& added = cases.emplace_back(Json{{"name", name}, {"metrics", Json::object()}});
      add_measurements(result.measured, added["metrics"]);
      added["prediction_file"] = file;
      added["reference_file"] = each.stacks->target->place();
    }
    return Json{{"metric_per_case", std::move(cases)}};
  }

  std::optional<Json> samples() {
    InferOptions asked = options(folder_ / "predictions.h5");
    asked.inputs = config_.data.train.files;
    asked.cases = fold_.split.held_out;
    asked.target = config_.data.train.target;
    const InferResult result = infer(asked, progress_, note_);
    if (result.was_stopped) return std::nullopt;
    Json json = {{"samples", result.samples}, {"metrics", Json::object()}};
    add_measurements(result.measured, json["metrics"]);
    return json;
  }

  static std::vector<std::string> sorted(std::vector<std::string> names) {
    std::ranges::sort(names);
    return names;
  }

  const TrainedFold& fold_;
  const RunConfig config_;
  const PredictingCheckpoint& checkpoint_;
  const InferProgress& progress_;
  const InferNote& note_;
  const fs::path folder_;
  std::int64_t done_ = 0;
};

bool holds(const fs::path& file, const Json& wanted) {
  const auto text = read_file_if_any(file, "what predicted the cases", ExitCode::kData);
  return text && Json::parse(*text, nullptr, /*allow_exceptions=*/false) == wanted;
}

}  // namespace

HeldOutKind held_out_kind(const RunConfig& config, const FoldCases& cases) {
  if (!predicts_voxels(config.graph)) return HeldOutKind::kSamples;
  const bool have_labels = have_class_labels(config, *cases.all().front().stacks->target);
  return have_labels ? HeldOutKind::kLabels : HeldOutKind::kVoxels;
}

void check_held_out(const RunConfig& config, const FoldCases& cases) {
  const std::size_t outputs = output_shapes(config.graph).size();
  if (outputs > 1 && held_out_kind(config, cases) == HeldOutKind::kSamples)
    throw Error(ExitCode::kUsage,
                config.file +
                    ": /train/folds: expected a network of one output where it does not "
                    "predict voxels, found " +
                    std::to_string(outputs));
  std::set<std::string> files;
  for (const FoldCase& each : cases.all())
    if (!files.insert(file_of_case(each.name)).second)
      throw Error(ExitCode::kUsage, each.stacks->first().place() +
                                        ": expected names of cases that differ as names of files, "
                                        "found another " +
                                        in_quotes(file_of_case(each.name)));
}

std::vector<HeldOutCase> held_out_cases(const FoldSplits& splits) {
  std::vector<HeldOutCase> cases;
  for (std::size_t fold = 0; fold < splits.size(); ++fold)
    for (const std::string& name : splits[fold].held_out) cases.push_back({name, fold});
  std::ranges::sort(cases, {}, &HeldOutCase::name);
  return cases;
}

fs::path prediction_file(const FoldFolder& folder, const HeldOutCase& held_out) {
  return folder.predictions(held_out.fold) / file_of_case(held_out.name);
}

RunConfig TrainedFold::config() const {
  const fs::path last = folder.run(fold).last_checkpoint();
  return read_run_config(CheckpointFile(last).config(), last.string(), "");
}

bool is_predicted(const TrainedFold& fold) {
  const PredictingCheckpoint checkpoint =
      predicting_checkpoint(fold.folder.run(fold.fold), fold.folds);
  return kind_of(fold.folder.fold_summary(fold.fold)) == FileKind::kFile &&
         holds(fold.folder.predicted_by(fold.fold), checkpoint.identity);
}

bool predict_held_out(const TrainedFold& fold, const InferProgress& progress,
                      const InferNote& note) {
  const PredictingCheckpoint checkpoint =
      predicting_checkpoint(fold.folder.run(fold.fold), fold.folds);
  const fs::path by = fold.folder.predicted_by(fold.fold);
  for (const fs::path& file : {by, fold.folder.fold_summary(fold.fold)}) remove_leftovers(file);
  if (!holds(by, checkpoint.identity)) {
    fold.folder.remove_predictions(fold.fold);
    fs::create_directories(fold.folder.predictions(fold.fold));
    write_file_atomically(by, json_text(checkpoint.identity) + "\n");
  }
  const auto summary = HeldOutRun(fold, checkpoint, progress, note).run();
  if (!summary) return false;
  write_file_atomically(fold.folder.fold_summary(fold.fold), json_text(*summary, 2) + "\n");
  return true;
}

}  // namespace lucid
