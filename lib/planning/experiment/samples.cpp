#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "planning/experiment/planned_experiment.h"
#include "planning/experiment/sections.h"

namespace lucid {
namespace {

constexpr double kUneven = 1.5;  // the most frequent class by the rarest one, for weights

// A class a volume, or numbers.
class Samples {
 public:
  Samples(const Fingerprint& fingerprint, const PlanData& data, const PlanSettings& settings,
          const Json& model, const Length& length)
      : fingerprint_(fingerprint),
        data_(data),
        settings_(settings),
        model_(model),
        length_(length) {}

  PlannedExperiment write() {
    made_.json["name"] = settings_.name;
    made_.json["seed"] = settings_.seed;
    made_.json["model"] = model_;
    add_data();
    const bool has_classes = fingerprint_.task == PlanTask::kClassification;
    has_classes ? add_classes() : add_values();
    made_.json["optimizer"] = {{"type", "AdamW"}, {"lr", 0.001}, {"weight_decay", 0.05}};
    made_.json["scheduler"] = {{"type", "OneCycleLR"}};
    made_.json["metrics"] = has_classes ? Json{"accuracy", "auc"} : Json{"mae", "r2"};
    made_.json["train"] = train_section(data_, settings_, length_,
                                        has_classes ? "validation.auc" : "validation.loss");
    predict_mirrored(made_.json["train"]);
    if (const auto ema = ema_section(settings_.defaults, length_)) {
      made_.json["train"]["ema"] = *ema;
      made_.comments["/train/ema"] = {kReasonOfEma};
    }
    return std::move(made_);
  }

 private:
  void add_data() {
    Json data = set_sections(data_);
    data["normalize"] = "auto";
    data["batch_size"] = settings_.defaults.sample_batch;
    data["augmentation"] = {
        {{"type", "RandomFlip"}},
        {{"type", "RandomAffine"}, {"degrees", 15}, {"scales", 0.1}, {"p", 0.5}},
        {{"type", "RandomNoise"}, {"std", 0.1}, {"p", 0.3}}};
    made_.json["data"] = data;
    made_.comments["/data/augmentation"] = {
        "Leave RandomFlip, and \"tta\" of folds, out where a mirror image is something else, as a "
        "left hand is."};
  }

  void add_classes() {
    const auto [rarest, most] = std::ranges::minmax_element(fingerprint_.class_counts);
    Json loss{{"type", "CrossEntropyLoss"}};
    if (*rarest > 0 && static_cast<double>(*most) > kUneven * static_cast<double>(*rarest)) {
      loss["weight"] = "auto";
      made_.comments["/loss"] = {"The most frequent class has " + with_thousands(*most) +
                                 " volumes, the rarest " + with_thousands(*rarest) +
                                 ": each counts as much as any other."};
    }
    made_.json["loss"] = loss;
    made_.comments["/metrics"] = {
        "The best epoch is that of the largest area under the ROC curve, which depends on no "
        "threshold and counts rare classes as much as others."};
  }

  void add_values() {
    made_.json["loss"] = {{"type", "MSELoss"}};
    made_.comments["/metrics"] = {
        "The best epoch is that of the least loss; R2 tells which share of the variance is "
        "explained."};
  }

  const Fingerprint& fingerprint_;
  const PlanData& data_;
  const PlanSettings& settings_;
  const Json& model_;
  const Length& length_;
  PlannedExperiment made_;
};

}  // namespace

PlannedExperiment samples_experiment(const Fingerprint& fingerprint, const PlanData& data,
                                     const PlanSettings& settings, const Json& model,
                                     const Length& length) {
  return Samples(fingerprint, data, settings, model, length).write();
}

}  // namespace lucid
