#pragma once
// Private to this room.

#include "planning/plan_kind.h"
#include "planning/planner.h"

namespace lucid {

// What the candidates of a kind take.
class CandidateCosts {
 public:
  // All arguments must outlive it. `volumes` are all of the set.
  CandidateCosts(const PlanKind& kind, const PlanRequest& request, const PlanSettings& settings,
                 const PlanData& data, std::int64_t volumes);

  // Trains and validates as a run of that length does, which decides its augmentation and averages,
  // for about so many seconds each. Throws what training throws.
  CandidateCost measured(std::size_t candidate, const Length& length, double seconds) const;
  // Predicted from FLOPs, for a machine with so many GFLOP/s.
  CandidateCost predicted(std::size_t candidate, const Candidate& one, double gflops) const;

 private:
  bool validates() const { return settings_.folds > 0 || data_.validation; }
  std::int64_t validated_volumes() const;
  double saving_seconds(double checkpoint_bytes) const;
  double end_seconds(std::size_t candidate, double sample_seconds) const;
  Json timed_experiment(std::size_t candidate, const Length& length) const;

  const PlanKind& kind_;
  const PlanRequest& request_;
  const PlanSettings& settings_;
  const PlanData& data_;
  const std::int64_t volumes_;
};

}  // namespace lucid
