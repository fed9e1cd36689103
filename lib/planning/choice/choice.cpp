#include "planning/choice/choice.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr double kTenMinutes = 600;

// Of all epochs together.
double usable_seconds(double seconds, const CandidateCost& cost, const PlanDefaults& defaults) {
  const double others = cost.start_seconds + cost.end_seconds;
  return std::max(seconds * (1 - defaults.spare_share) - others, 0.0);
}

// Validation and what is written may take a share of an epoch: epochs are longer where these take
// long.
double epoch_seconds(double seconds, const CandidateCost& cost, const PlanDefaults& defaults) {
  return std::max(seconds / static_cast<double>(defaults.epochs),
                  cost.epoch_seconds(0) / defaults.validation_share);
}

// Searches the candidates, which are sorted by FLOPs, as if time were proportional to these among
// networks of equal features, and measures those that it ends at.
class Search {
 public:
  Search(const std::vector<Candidate>& candidates, const Budget& budget,
         const CostOfCandidate& measure, const PlanDefaults& defaults)
      : candidates_(candidates), budget_(budget), measure_(measure), defaults_(defaults) {}

  PlanChoice run() {
    // The cheapest one comes first: it takes least time, and tells how fast the machine is.
    std::size_t best = candidates_.size();
    for (std::size_t at = best - 1; at < candidates_.size(); at = next_to_try(best))
      if (is_good(measured(at))) best = std::min(best, at);
    if (best < candidates_.size()) {
      choice_.chosen = tried_.at(best);
    } else {
      choose_longest();
    }
    choice_.wanted_steps = wanted(choice_.chosen.candidate);
    return std::move(choice_);
  }

 private:
  double wanted(std::size_t at) const { return wanted_steps(budget_, candidates_[at], defaults_); }

  const Tried& measured(std::size_t at) {
    const CandidateCost cost = measure_(at);
    const Tried tried{at, cost, fitting_length(budget_, candidates_[at].batch, cost, defaults_)};
    seconds_per_flop_[candidates_[at].features] = cost.step_seconds / candidates_[at].step_flops;
    choice_.tried.push_back(tried);
    return tried_[at] = tried;
  }

  bool is_good(const Tried& tried) const {
    return tried.cost.bytes <= budget_.bytes &&
           static_cast<double>(tried.length.steps()) >= wanted(tried.candidate);
  }

  // The most costly candidate above the best one that should have the wanted steps and was not
  // measured; all are done if there is none.
  std::size_t next_to_try(std::size_t best) const {
    const double seconds = usable_seconds(budget_.seconds, {}, defaults_);
    for (std::size_t i = 0; i < std::min(best, candidates_.size()); ++i) {
      if (tried_.contains(i) || candidates_[i].bytes > budget_.bytes) continue;
      const double step = seconds_per_flop(candidates_[i].features) * candidates_[i].step_flops;
      if (step * wanted(i) <= seconds * (1 - defaults_.validation_share)) return i;
    }
    return candidates_.size();
  }

  // Of features that were not measured, the least that may be expected: no less than that of wider
  // networks, nor than that of narrower ones by what they may gain.
  double seconds_per_flop(std::int64_t features) const {
    const auto wider = seconds_per_flop_.lower_bound(features);
    if (wider != seconds_per_flop_.end() && wider->first == features) return wider->second;
    const double least = wider == seconds_per_flop_.end() ? 0 : wider->second;
    if (wider == seconds_per_flop_.begin()) return least;
    const auto& [narrower, seconds] = *std::prev(wider);
    const double ratio = static_cast<double>(features) / static_cast<double>(narrower);
    return std::max(least, seconds / std::pow(ratio, defaults_.gain_of_width));
  }

  void choose_longest() {
    const Tried* longest = nullptr;
    for (const Tried& tried : choice_.tried)
      if (tried.cost.bytes <= budget_.bytes &&
          (longest == nullptr || tried.length.steps() > longest->length.steps()))
        longest = &tried;
    if (longest == nullptr)
      throw Error(ExitCode::kFailed,
                  "--memory: expected at least " +
                      fixed_text(choice_.tried.front().cost.bytes / (1 << 30), 2) +
                      " GiB for the smallest network, found " +
                      fixed_text(budget_.bytes / (1 << 30), 2));
    choice_.chosen = *longest;
    choice_.has_too_few_steps = static_cast<double>(longest->length.steps()) <
                                defaults_.sensible_share * wanted(longest->candidate);
  }

  const std::vector<Candidate>& candidates_;
  const Budget budget_;
  const CostOfCandidate& measure_;
  const PlanDefaults& defaults_;
  std::map<std::int64_t, double> seconds_per_flop_;  // by features, the last one measured
  std::map<std::size_t, Tried> tried_;
  PlanChoice choice_;
};

}  // namespace

double wanted_steps(const Budget& budget, const Candidate& candidate,
                    const PlanDefaults& defaults) {
  const double wanted = std::clamp(
      defaults.steps_in_ten_minutes * std::sqrt(budget.seconds / kTenMinutes),
      static_cast<double>(defaults.fewest_steps), static_cast<double>(defaults.most_steps));
  if (budget.takes_patches && candidate.holds_volumes)
    return std::min(wanted, std::max(defaults.steps_in_ten_minutes,
                                     defaults.enough_pairs * static_cast<double>(budget.volumes)));
  if (budget.takes_patches) return wanted;
  const std::int64_t epoch = (budget.volumes + candidate.batch - 1) / candidate.batch;
  return std::min(wanted, static_cast<double>(epoch * defaults.most_epochs_of_samples));
}

Length fitting_length(const Budget& budget, std::int64_t batch, const CandidateCost& cost,
                      const PlanDefaults& defaults) {
  const double seconds = usable_seconds(budget.seconds, cost, defaults);
  const double steps = std::max(
      (epoch_seconds(seconds, cost, defaults) - cost.epoch_seconds(0)) / cost.step_seconds, 1.0);
  const double volumes = static_cast<double>(budget.volumes);
  Length length;
  if (budget.takes_patches)
    length.per_volume =
        std::max<std::int64_t>(1, std::llround(steps * static_cast<double>(batch) / volumes));
  length.steps_per_epoch = (budget.volumes * length.per_volume + batch - 1) / batch;
  const double epoch = cost.epoch_seconds(length.steps_per_epoch);
  const std::int64_t most =
      budget.takes_patches ? std::max<std::int64_t>(defaults.most_steps / length.steps_per_epoch, 1)
                           : defaults.most_epochs_of_samples;
  length.epochs = std::clamp<std::int64_t>(static_cast<std::int64_t>(seconds / epoch), 1, most);
  return length;
}

PlanChoice choose_candidate(const std::vector<Candidate>& candidates, const Budget& budget,
                            const CostOfCandidate& measure, const PlanDefaults& defaults) {
  return Search(candidates, budget, measure, defaults).run();
}

}  // namespace lucid
