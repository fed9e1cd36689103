#include "folds/postprocess_choice.h"

#include <set>
#include <tuple>

#include "labels/evaluation/class_measures.h"
#include "labels/evaluation/defined_mean.h"

namespace lucid {
namespace {

// The largest components that are kept: of the foreground, then of these labels.
struct Kept {
  bool is_foreground = false;
  std::set<Label> labels{};
};

PostprocessRules rules_of(const Kept& kept) {
  PostprocessRules rules;
  rules.steps.connectivity = kChosenConnectivity;
  rules.steps.keep_largest =
      kept.labels.empty() ? ComponentsOf::kForeground : ComponentsOf::kEachLabel;
  rules.steps.foreground_first = kept.is_foreground && !kept.labels.empty();
  rules.steps.largest_of = kept.labels;
  return rules;
}

const OverlapVoxels& left_of(const LargestOverlaps& of, Label label, const Kept& kept) {
  const bool is_largest = kept.labels.contains(label);
  if (kept.is_foreground) return is_largest ? of.largest_in_foreground : of.in_foreground;
  return is_largest ? of.largest : of.all;
}

double dice(const LargestOverlaps& of, const OverlapVoxels& left) {
  const ClassVoxels voxels{
      .tp = left.in_both, .fp = left.predicted - left.in_both, .fn = of.in_truth - left.in_both};
  return overlap_measures(0, voxels, 1)[Measure::kDice];
}

class Choice {
 public:
  explicit Choice(const std::vector<CaseOverlaps>& cases) : cases_(cases) {
    for (const CaseOverlaps& each : cases)
      for (const auto& [label, overlaps] : each) labels_.insert(label);
    choice_.before = choice_.after = means({});
  }

  PostprocessChoice chosen() {
    if (!labels_.empty()) attempt({.is_foreground = true}, {.is_foreground = true});
    for (const Label label : labels_) {
      Kept kept = kept_;
      kept.labels.insert(label);
      attempt({.labels = {label}}, kept);
    }
    if (kept_.is_foreground || !kept_.labels.empty()) choice_.rules = rules_of(kept_);
    return std::move(choice_);
  }

 private:
  // Keeps `all`, in which `added` is new, if it helps.
  void attempt(const Kept& added, const Kept& all) {
    TriedRule tried{rules_of(added), means(all)};
    tried.is_kept = helps(tried.after);
    if (tried.is_kept) {
      kept_ = all;
      choice_.after = tried.after;
    }
    choice_.tried.push_back(std::move(tried));
  }

  // A mean that is not defined neither rises nor falls.
  bool helps(const DiceMeans& after) const {
    for (const auto& [label, mean] : after.classes)
      if (mean < choice_.after.classes.at(label)) return false;
    return after.foreground > choice_.after.foreground;
  }

  DiceMeans means(const Kept& kept) {
    DiceMeans means;
    DefinedMean foreground;
    for (const Label label : labels_) {
      const std::tuple key(label, kept.is_foreground, kept.labels.contains(label));
      if (!of_classes_.contains(key)) of_classes_[key] = mean_of(label, kept);
      means.classes[label] = of_classes_[key];
      foreground.add(of_classes_[key]);
    }
    means.foreground = foreground.value();
    return means;
  }

  double mean_of(Label label, const Kept& kept) const {
    DefinedMean mean;
    for (const CaseOverlaps& each : cases_)
      if (const auto found = each.find(label); found != each.end())
        mean.add(dice(found->second, left_of(found->second, label, kept)));
    return mean.value();
  }

  const std::vector<CaseOverlaps>& cases_;
  std::set<Label> labels_;
  Kept kept_;
  std::map<std::tuple<Label, bool, bool>, double> of_classes_;  // see means()
  PostprocessChoice choice_;
};

}  // namespace

PostprocessChoice choose_postprocessing(const std::vector<CaseOverlaps>& cases) {
  return Choice(cases).chosen();
}

}  // namespace lucid
