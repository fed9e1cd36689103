#include "folds/validated_rules.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "folds/compared_labels.h"
#include "formats/labels/label_volume.h"
#include "store/stored_rules.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Keeps the plane that was read last as it is before others change it.
class LastPlane final : public LabelPlanes {
 public:
  explicit LastPlane(LabelPlanes& from) : from_(from), last_(from.plane_voxels()) {}
  const Triple& extents() const override { return from_.extents(); }
  void rewind() override { from_.rewind(); }
  void read(std::span<Label> plane) override {
    from_.read(plane);
    std::ranges::copy(plane, last_.begin());
  }
  const std::vector<Label>& last() const { return last_; }

 private:
  LabelPlanes& from_;
  std::vector<Label> last_;
};

// Components are those of the whole prediction, to which a rule applies; Dice counts where the
// truth does.
CaseOverlaps overlaps_of(const CrossValidation& all, const HeldOutCase& held_out) {
  LabelVolume predicted(
      {held_out.name, prediction_file(all.folder, held_out), "predictions", "ndhw", 0},
      all.threads);
  LastPlane whole(predicted);
  ComparedLabels labels(all.cases.named(held_out.name), whole,
                        {.ignored = all.config.objective->ignore_index(),
                         .roi = all.config.data.train.roi,
                         .threads = all.threads});
  labels.prediction().rewind();
  return largest_overlaps(predicted.extents(), kChosenConnectivity, [&](OverlapPlanes& planes) {
    labels.prediction().read(planes.counted);
    labels.truth().read(planes.truth);
    planes.predicted = whole.last();
  });
}

Json number_or_null(double value) { return std::isnan(value) ? Json() : Json(value); }

Json dice_json(const DiceMeans& means) {
  Json json = {{"foreground_mean", {{"Dice", number_or_null(means.foreground)}}},
               {"mean", Json::object()}};
  for (const auto& [label, mean] : means.classes)
    json["mean"][std::to_string(label)] = {{"Dice", number_or_null(mean)}};
  return json;
}

// Says which checkpoints have predicted the cases.
Json predicted_by(const CrossValidation& all) {
  Json folds = Json::array();
  for (std::size_t fold = 0; fold < all.splits.size(); ++fold)
    folds.push_back(read_json_file(all.folder.predicted_by(fold)));
  return folds;
}

std::optional<Json> known_choice(const CrossValidation& all, const Json& folds) {
  const auto text = read_file_if_any(all.folder.postprocessing(), "the choice", ExitCode::kData);
  Json known = Json::parse(text.value_or(""), nullptr, /*allow_exceptions=*/false);
  const bool is_of_these = known.is_object() && known.value("folds", Json()) == folds;
  return is_of_these ? std::optional(std::move(known)) : std::nullopt;
}

// Another process that holds the lock stores the rules itself, or trains the fold again.
void store_in_checkpoints(const CrossValidation& all, const Json& json) {
  std::optional<PostprocessRules> rules;
  if (!json.at("rules").is_null()) {
    ConfigErrors errors(all.folder.postprocessing().string());
    rules = read_postprocess_json(JsonObject(json["rules"], "/rules", errors));
    errors.throw_if_any(ExitCode::kData);
  }
  for (std::size_t fold = 0; fold < all.splits.size(); ++fold) {
    const RunFolder run = all.folder.run(fold);
    std::vector<fs::path> others;  // checkpoints that hold other rules
    for (const fs::path& checkpoint : {run.last_checkpoint(), run.best_checkpoint()})
      if (kind_of(checkpoint) == FileKind::kFile && !holds_rules(checkpoint, rules))
        others.push_back(checkpoint);
    if (others.empty()) continue;
    if (const auto lock = RunLock::if_free(run.path(), "the run's folder cannot be made"))
      for (const fs::path& checkpoint : others) store_rules(checkpoint, rules);
  }
}

}  // namespace

Json postprocess_choice_json(const PostprocessChoice& choice) {
  Json json = {{"rules", postprocess_json(choice.rules)},
               {"connectivity", static_cast<int>(kChosenConnectivity)},
               {"before", dice_json(choice.before)},
               {"after", dice_json(choice.after)},
               {"steps", Json::array()}};
  const DiceMeans* before = &choice.before;
  for (const TriedRule& tried : choice.tried) {
    json["steps"].push_back({{"rules", postprocess_json(tried.rule)},
                             {"is_kept", tried.is_kept},
                             {"before", dice_json(*before)},
                             {"after", dice_json(tried.after)}});
    if (tried.is_kept) before = &tried.after;
  }
  return json;
}

std::optional<Json> validated_rules(const CrossValidation& all,
                                    const std::function<bool()>& goes_on) {
  const Json folds = predicted_by(all);
  std::optional<Json> json = known_choice(all, folds);
  if (!json) {
    std::vector<CaseOverlaps> cases;
    for (const HeldOutCase& each : held_out_cases(all.splits)) {
      if (!goes_on()) return std::nullopt;
      cases.push_back(overlaps_of(all, each));
    }
    json = postprocess_choice_json(choose_postprocessing(cases));
    (*json)["folds"] = folds;
    remove_leftovers(all.folder.postprocessing());
    write_file_atomically(all.folder.postprocessing(), json_text(*json, 2) + "\n");
  }
  store_in_checkpoints(all, *json);
  return json;
}

}  // namespace lucid
