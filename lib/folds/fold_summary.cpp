#include "folds/fold_summary.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "data/volumes/volumes.h"
#include "folds/validated_rules.h"
#include "labels/evaluation/summary.h"
#include "objective/case_evaluation.h"
#include "objective/evaluation.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

Json label_summary(const std::vector<Json>& folds, const CrossValidation& all) {
  std::vector<CaseMeasures> cases;
  for (std::size_t fold = 0; fold < folds.size(); ++fold)
    for (CaseMeasures& each : evaluated_cases(folds[fold], all.folder.fold_summary(fold).string()))
      cases.push_back(std::move(each));
  std::ranges::sort(cases, {}, &CaseMeasures::name);
  complete_classes(cases);
  return evaluation_json(cases, {});
}

// The means over cases of the values that are numbers.
Json mean_of(const Json& cases) {
  std::map<std::string, std::pair<double, std::int64_t>> sums;
  Json mean = Json::object();
  for (const Json& each : cases)
    for (const auto& [name, value] : each.at("metrics").items()) {
      if (value.is_array() || value.is_object()) continue;
      mean[name] = nullptr;
      if (!value.is_number()) continue;
      sums[name].first += value.get<double>();
      ++sums[name].second;
    }
  for (const auto& [name, sum] : sums) mean[name] = sum.first / static_cast<double>(sum.second);
  return mean;
}

Json voxel_summary(const std::vector<Json>& folds) {
  std::vector<Json> cases;
  for (const Json& fold : folds)
    for (const Json& each : fold.at("metric_per_case")) cases.push_back(each);
  std::ranges::sort(cases, {}, [](const Json& each) { return each.at("name").get<std::string>(); });
  return {{"mean", mean_of(cases)}, {"metric_per_case", cases}};
}

// Measures the samples of all folds as one set.
class SampleSummary {
 public:
  explicit SampleSummary(const CrossValidation& all)
      : all_(all),
        config_(trained(0).config()),
        evaluation_(*config_.objective, config_.metrics, config_.graph.output_shape()) {}

  Json json(const std::vector<Json>& folds) {
    for (std::size_t fold = 0; fold < folds.size(); ++fold) add(fold);
    Json json = {{"samples", count_}, {"metrics", Json::object()}};
    add_measurements(evaluation_.measured(), json["metrics"]);
    json["metric_per_fold"] = Json::array();
    for (const Json& fold : folds) json["metric_per_fold"].push_back(fold.at("metrics"));
    json["cases"] = std::move(cases_);
    return json;
  }

 private:
  TrainedFold trained(std::size_t fold) const {
    return {all_.folder, fold, all_.splits[fold], all_.cases, *all_.config.train.folds, 1};
  }

  void add(std::size_t fold) {
    VolumesConfig held_out = all_.config.data.train;
    held_out.cases = all_.splits[fold].held_out;
    const auto set = open_volumes(held_out, {held_out.files.begin(), held_out.files.end()}, 0);
    const hdf5::Array predicted =
        hdf5::File(all_.folder.predictions(fold) / "predictions.h5").open("predictions");
    const Shape shape = config_.graph.output_shape().with_batch(1);
    hdf5::Region row{std::vector<std::int64_t>(predicted.shape().rank(), 0),
                     predicted.shape().extents()};
    row.count[0] = 1;
    std::vector<float> target(std::max<std::size_t>(set->target_shape().count(), 1));
    for (const SampleOrigin& origin : set->origins())
      for (std::size_t sample = origin.begin; sample < origin.end; ++sample, ++row.start[0]) {
        set->read_target(static_cast<std::size_t>(row.start[0]), target);
        const std::vector<float> values = predicted.read<float>(row);
        const OutputValues output{shape, values, {}};
        evaluation_.add({&output, 1}, target);
        const std::string number = origin.is_numbered ? "_" + std::to_string(sample) : "";
        add_case(origin.name + number, fold, output, target);
      }
  }

  void add_case(const std::string& name, std::size_t fold, const OutputValues& output,
                std::span<const float> target) {
    Json& added = cases_.emplace_back(Json{{"name", name}, {"fold", fold}});
    if (const auto classes = classes_of(config_.objective->main(), output, target)) {
      added["target"] = classes->target;
      added["prediction"] = classes->prediction;
    }
    ++count_;
  }

  const CrossValidation& all_;
  const RunConfig config_;
  Evaluation evaluation_;
  std::int64_t count_ = 0;
  Json cases_ = Json::array();
};

std::string number_of(const Json& value) {
  return value.is_number() ? fixed_value_text(value.get<double>(), 4) : "undefined";
}

std::string postprocess_line(const Json& chosen, const Json& before) {
  if (chosen["rules"].is_null())
    return "postprocessing: no largest component alone is better than all of them";
  ConfigErrors errors("summary.json");
  const PostprocessRules rules =
      read_postprocess_json(JsonObject(chosen["rules"], "/postprocess/rules", errors));
  errors.throw_if_any();
  return "postprocessing chosen by validation: " + postprocess_text(rules) + ": foreground Dice " +
         number_of(before["Dice"]) + " -> " + number_of(chosen["foreground_mean"]["Dice"]);
}

}  // namespace

std::optional<Json> write_fold_summary(const CrossValidation& all,
                                       const std::function<bool()>& goes_on) {
  std::vector<Json> folds;
  for (std::size_t fold = 0; fold < all.splits.size(); ++fold) {
    const fs::path file = all.folder.fold_summary(fold);
    if (kind_of(file) != FileKind::kFile) return std::nullopt;
    folds.push_back(read_json_file(file));
  }
  Json summary;
  switch (held_out_kind(all.config, all.cases)) {
    case HeldOutKind::kLabels:
      summary = label_summary(folds, all);
      if (const auto chosen = validated_rules(all, goes_on)) {
        summary["postprocess"] = chosen->at("after");
        summary["postprocess"]["rules"] = chosen->at("rules");
        break;
      }
      return std::nullopt;
    case HeldOutKind::kVoxels:
      summary = voxel_summary(folds);
      break;
    case HeldOutKind::kSamples:
      summary = SampleSummary(all).json(folds);
      break;
  }
  const Json folds_in_effect = folds_json(*all.config.train.folds);
  for (const char* key : {"checkpoint", "tta"}) summary[key] = folds_in_effect[key];
  remove_leftovers(all.folder.summary());
  write_file_atomically(all.folder.summary(), json_text(summary, 2) + "\n");
  return summary;
}

std::string fold_summary_text(const Json& summary) {
  const bool are_cases = summary.contains("metric_per_case");
  std::string text = are_cases
                         ? std::to_string(summary["metric_per_case"].size()) + " cases"
                         : std::to_string(summary["samples"].get<std::int64_t>()) + " samples";
  text += " out of fold:";
  if (summary.contains("foreground_mean"))
    return text + " foreground Dice " + number_of(summary["foreground_mean"]["Dice"]) + "\n" +
           postprocess_line(summary["postprocess"], summary["foreground_mean"]);
  std::vector<std::string> words;
  for (const auto& [name, value] : summary[are_cases ? "mean" : "metrics"].items())
    if (!value.is_array() && !value.is_object()) words.push_back(name + " " + number_of(value));
  return text + " " + join(words, ", ");
}

}  // namespace lucid
