#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "planning/choice/defaults.h"

namespace lucid {

// A network that may be trained, as far as the choice looks at it.
struct Candidate {
  double step_flops = 0;  // of a training step with all samples of its batch
  double bytes = 0;       // of training, estimated
  std::int64_t batch = 1;
  std::int64_t features = 1;   // of its first stage
  bool holds_volumes = false;  // a patch holds a volume of median size
};

// What a candidate takes: measured, or predicted from its FLOPs.
struct CandidateCost {
  double step_seconds = 0, validation_seconds = 0;  // of one step; of the whole validation set
  double bytes = 0;                                 // of training
  bool is_measured = false;
  // Until the first step; of what each epoch writes; behind the last one.
  double start_seconds = 0, saving_seconds = 0, end_seconds = 0;

  double epoch_seconds(std::int64_t steps) const {
    return static_cast<double>(steps) * step_seconds + validation_seconds + saving_seconds;
  }
};
// Receives the index of a candidate.
using CostOfCandidate = std::function<CandidateCost(std::size_t)>;

// How long a candidate trains.
struct Length {
  std::int64_t epochs = 1, per_volume = 1, steps_per_epoch = 1;
  std::int64_t steps() const { return epochs * steps_per_epoch; }
};

struct Budget {
  double seconds = 0;
  double bytes = 0;
  std::int64_t volumes = 1;   // of the training set
  bool takes_patches = true;  // false: an epoch has each volume once
};

// The longest training that fits the seconds, in epochs of equal length.
Length fitting_length(const Budget& budget, std::int64_t batch, const CandidateCost& cost,
                      const PlanDefaults& defaults);

// Steps that a run should have.
double wanted_steps(const Budget& budget, const Candidate& candidate, const PlanDefaults& defaults);

struct Tried {
  std::size_t candidate = 0;
  CandidateCost cost{};
  Length length{};

  double run_seconds() const {
    return cost.start_seconds +
           static_cast<double>(length.epochs) * cost.epoch_seconds(length.steps_per_epoch) +
           cost.end_seconds;
  }
};

struct PlanChoice {
  Tried chosen{};
  std::vector<Tried> tried{};  // in the order in which they were measured
  double wanted_steps = 0;
  bool has_too_few_steps = false;
};

// Returns the most costly candidate that has the wanted steps and fits the memory, or else that
// with the most steps. Candidates are sorted, the most costly first; of them only those near the
// choice that should fit the memory are measured. Networks of equal features are taken to run at
// one speed, wider ones at a higher one. Throws Error(kFailed) if none of these fits.
PlanChoice choose_candidate(const std::vector<Candidate>& candidates, const Budget& budget,
                            const CostOfCandidate& measure, const PlanDefaults& defaults);

}  // namespace lucid
