#include "planning/planner.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/duration.h"
#include "base/error.h"
#include "base/text.h"
#include "data/volumes/voxel_size.h"
#include "planning/candidate_costs.h"
#include "tensor/shape.h"

namespace lucid {
namespace {

constexpr double kSecondsOfEachCandidate = 2;  // of steps, and of validation
constexpr double kGibibyte = 1 << 30;
constexpr std::int64_t kNnunetEpochs = 1000, kNnunetSteps = 250;  // of an epoch

class Planner {
 public:
  Planner(const PlanRequest& request, const PlanProgress& progress)
      : request_(request), progress_(progress), settings_(request.settings) {}

  MadePlan make() {
    data_ = find_plan_data(request_.source);
    made_.warnings = data_.warnings;
    if (data_.validation) settings_.folds = 0;
    made_.fingerprint = measure_fingerprint(
        data_, request_.threads,
        [&](const std::string& what, double) { progress_("fingerprint: " + what); });
    if (const std::string said = warning_of_objects(made_.fingerprint, settings_.defaults);
        !said.empty())
      made_.warnings.push_back(said);
    check_encoder();
    if (settings_.seconds > 0) {
      choose();
    } else {
      take_nnunet();
    }
    write();
    return std::move(made_);
  }

 private:
  std::int64_t volumes() const { return std::ssize(made_.fingerprint.geometry.shapes); }

  void check_encoder() const {
    if (settings_.encoder == Encoder::kPlain || is_segmentation()) return;
    throw Error(ExitCode::kUsage,
                "--encoder: expected labels of voxels, as only U-Nets have an encoder to choose, "
                "found a class or numbers a volume");
  }

  bool is_segmentation() const { return made_.fingerprint.task == PlanTask::kSegmentation; }

  // By which nnU-Net plans for the memory.
  RuleOptions rules() const {
    return {.memory_gb = request_.memory_bytes / kGibibyte, .encoder = settings_.encoder};
  }

  // Of a fold, those that it learns from.
  std::int64_t training_volumes() const {
    return settings_.folds > 0 ? volumes() - volumes() / settings_.folds : volumes();
  }

  void choose() {
    kind_ = is_segmentation() ? unet_kind(made_.fingerprint, data_, settings_)
                              : resnet_kind(made_.fingerprint, data_, settings_);
    const Budget budget{settings_.seconds, request_.memory_bytes, training_volumes(),
                        kind_->takes_patches()};
    candidates_ = kind_->candidates();
    made_.choice = choose_candidate(
        candidates_, budget,
        [&](std::size_t candidate) {
          const double wanted = wanted_steps(budget, candidates_[candidate], settings_.defaults);
          return cost_of(candidate, {.steps_per_epoch = std::llround(wanted)},
                         kSecondsOfEachCandidate);
        },
        settings_.defaults);
    if (!request_.gflops) time_chosen(budget);
  }

  // Steps of nnU-Net's epochs, in epochs of whole numbers of patches a volume.
  void take_nnunet() {
    if (!is_segmentation())
      throw Error(ExitCode::kUsage,
                  "--hours: expected a number, as nnU-Net's rules are for labels "
                  "of voxels, found 'unlimited'");
    kind_ = nnunet_kind(made_.fingerprint, data_, rules());
    candidates_ = kind_->candidates();
    Tried& chosen = made_.choice.chosen;
    const std::int64_t batch = candidates_.front().batch, samples = kNnunetSteps * batch;
    Length& length = chosen.length;
    length.per_volume =
        std::max<std::int64_t>(1, (samples + training_volumes() / 2) / training_volumes());
    length.steps_per_epoch = (length.per_volume * training_volumes() + batch - 1) / batch;
    length.epochs =
        std::max<std::int64_t>(1, kNnunetEpochs * kNnunetSteps / length.steps_per_epoch);
    if (request_.gflops) chosen.cost = cost_of(0, length, 0);
    chosen.cost.bytes = candidates_.front().bytes;
  }

  CandidateCost cost_of(std::size_t candidate, const Length& length, double seconds) {
    const CandidateCosts costs(*kind_, request_, settings_, data_, volumes());
    if (request_.gflops)
      return costs.predicted(candidate, candidates_[candidate], *request_.gflops);
    progress_("timing " + kind_->described(candidate));
    return costs.measured(candidate, length, seconds);
  }

  // How long a run takes follows from more steps than the choice.
  void time_chosen(const Budget& budget) {
    const PlanDefaults& defaults = settings_.defaults;
    Tried& chosen = made_.choice.chosen;
    const double seconds = std::clamp(settings_.seconds * defaults.timed_share,
                                      kSecondsOfEachCandidate, defaults.most_timed_seconds);
    chosen.cost = cost_of(chosen.candidate, chosen.length, seconds);
    chosen.length =
        fitting_length(budget, candidates_[chosen.candidate].batch, chosen.cost, defaults);
  }

  void write() {
    const Tried& chosen = made_.choice.chosen;
    PlanSettings of_training = settings_;
    if (settings_.seconds > 0)  // the predictions of a fold follow its limit of time
      of_training.seconds = std::max(settings_.seconds - chosen.cost.end_seconds, 1.0);
    made_.experiment = kind_->experiment(chosen.candidate, of_training, chosen.length);
    for (const Tried& one : made_.choice.tried)
      made_.described.push_back(kind_->described(one.candidate));
    add_plan();
    explain_model();
    made_.text = commented_json(made_.experiment.json, head(), made_.experiment.comments);
  }

  void add_plan() {
    const Tried& chosen = made_.choice.chosen;
    Json& plan = made_.plan = kind_->json(chosen.candidate);
    plan["epochs"] = chosen.length.epochs;
    plan["steps"] = chosen.length.steps();
    if (chosen.cost.step_seconds > 0) {
      plan["seconds_per_step"] = chosen.cost.step_seconds;
      plan["validation_seconds"] = chosen.cost.validation_seconds;
      plan["seconds"] = chosen.run_seconds();
    }
    plan["memory_bytes"] = chosen.cost.bytes;
    plan["is_measured"] = chosen.cost.is_measured;
  }

  std::vector<std::string> head() const {
    const Tried& chosen = made_.choice.chosen;
    std::string first = "Planned by lucid-plan";
    first += settings_.seconds > 0 ? " for " + duration_text(settings_.seconds)
                                   : " by the rules of " + preset_name(rules());
    first += ": about ";
    if (made_.run_seconds() > 0) first += duration_text(made_.run_seconds()) + " and ";
    first += fixed_text(chosen.cost.bytes / kGibibyte, 2) + " GiB";
    if (settings_.folds > 0) first += " for each of " + std::to_string(settings_.folds) + " folds";
    return {first + ".", set_text()};
  }

  std::string set_text() const {
    const SetGeometry& set = made_.fingerprint.geometry;
    const VoxelSize spacing = target_spacing(set);
    const Extents median = median_extents(set, spacing);
    const Shape rounded{std::llround(median[0]), std::llround(median[1]), std::llround(median[2])};
    return std::to_string(volumes()) + " volumes, median " + rounded.str() + " voxels of " +
           voxel_size_text(spacing) + " mm.";
  }

  void explain_model() {
    const Tried& chosen = made_.choice.chosen;
    auto& said = made_.experiment.comments["/model"];
    std::string time;
    if (chosen.cost.step_seconds > 0)
      time = number_text(std::round(chosen.cost.step_seconds * 1e4) / 1e4) + " s a step, ";
    said.push_back("Chosen: " + kind_->described(chosen.candidate) + "; " + time +
                   with_thousands(chosen.length.steps()) + " steps.");
    if (made_.choice.has_too_few_steps)
      said.push_back("These are fewer steps than the " +
                     with_thousands(std::llround(made_.choice.wanted_steps)) +
                     " that a run of that length should have: give it more hours.");
    if (settings_.seconds > 0 && !kind_->reference().empty())
      said.push_back(kind_->reference() + ".");
  }

  const PlanRequest& request_;
  const PlanProgress& progress_;
  PlanSettings settings_;
  PlanData data_;
  std::unique_ptr<PlanKind> kind_;
  std::vector<Candidate> candidates_;
  MadePlan made_;
};

}  // namespace

std::string warning_of_objects(const Fingerprint& fingerprint, const PlanDefaults& defaults) {
  const std::int64_t labels = std::ssize(fingerprint.components);
  const std::int64_t volumes = std::ssize(fingerprint.geometry.shapes);
  const auto pieces = static_cast<double>(std::ranges::count_if(
      fingerprint.components, [](const ClassComponents& found) { return found.count == 1; }));
  if (labels < defaults.fewest_objects || labels <= volumes ||
      pieces < defaults.one_piece_share * static_cast<double>(labels))
    return {};
  const std::string last = std::to_string(labels);
  return "labels 1 to " + last + " are one piece each, in " + std::to_string(volumes) +
         " volumes: if they number objects and are no classes, a network learns to tell numbers; "
         "--merge 1-" +
         last + ":1 makes one class of them";
}

MadePlan make_plan(const PlanRequest& request, const PlanProgress& progress) {
  return Planner(request, progress).make();
}

}  // namespace lucid
