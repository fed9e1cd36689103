#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "planning/experiment/planned_experiment.h"

namespace lucid {

// What lucid-plan is asked for.
struct PlanRequest {
  PlanSource source{};
  std::string file{};              // the experiment file, which need not exist
  double memory_bytes = 0;         // of training; of a GPU where the hours are unlimited
  std::optional<double> gflops{};  // of the machine: nothing is timed
  int threads = 1;
  PlanSettings settings{};
};

// An experiment file, and what it was decided from.
struct MadePlan {
  Fingerprint fingerprint{};
  PlanChoice choice{};
  std::vector<std::string> described{};  // the candidates that were tried
  Json plan{};                           // the network that was chosen, its length and times
  PlannedExperiment experiment{};
  std::string text{};                   // of the experiment file
  std::vector<std::string> warnings{};  // of the import and of the labels

  double run_seconds() const { return choice.chosen.run_seconds(); }  // predicted; 0: not known
};

// Receives what is being done; may throw to cancel.
using PlanProgress = std::function<void(const std::string& what)>;

// Measures the set, times candidates by real steps unless gflops are given, and writes the
// experiment. Throws Error.
MadePlan make_plan(const PlanRequest& request, const PlanProgress& progress);

// What to tell where the labels seem to number objects, as those of a segmentation into instances
// do; empty where they do not.
std::string warning_of_objects(const Fingerprint& fingerprint, const PlanDefaults& defaults);

// {"fingerprint": .., "plan": .., "reasons": ..}
Json plan_json(const MadePlan& plan);

// A table of the candidates that were tried, and a line for each decision.
std::string plan_explanation(const MadePlan& plan);

}  // namespace lucid
