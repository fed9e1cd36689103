#include "planning/candidate_costs.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/machine/resident.h"
#include "base/stopwatch.h"
#include "train/config/run_config.h"
#include "train/measure/forecast.h"
#include "train/measure/summary.h"

namespace lucid {
namespace {

constexpr std::int64_t kValidatedPart = 5;  // of a set without folds: about, where nothing is read

}  // namespace

CandidateCosts::CandidateCosts(const PlanKind& kind, const PlanRequest& request,
                               const PlanSettings& settings, const PlanData& data,
                               std::int64_t volumes)
    : kind_(kind), request_(request), settings_(settings), data_(data), volumes_(volumes) {}

std::int64_t CandidateCosts::validated_volumes() const {
  if (!validates()) return 0;
  const std::int64_t parts = settings_.folds > 0 ? settings_.folds : kValidatedPart;
  return volumes_ - volumes_ * (parts - 1) / parts;
}

// Each epoch writes two checkpoints at most, its metrics and its report.
double CandidateCosts::saving_seconds(double checkpoint_bytes) const {
  const PlanDefaults& defaults = settings_.defaults;
  return defaults.report_seconds + 2 * checkpoint_bytes / defaults.saved_bytes_per_second;
}

// The cases that a fold holds out are predicted once it has been trained.
double CandidateCosts::end_seconds(std::size_t candidate, double sample_seconds) const {
  if (settings_.folds == 0) return 0;
  const std::int64_t cases = validated_volumes();
  return sample_seconds * kind_.predicted_samples(candidate, cases) +
         settings_.defaults.case_seconds * static_cast<double>(cases);
}

// Validation is forward passes alone, a third of a step's.
CandidateCost CandidateCosts::predicted(std::size_t candidate, const Candidate& one,
                                        double gflops) const {
  const double step = one.step_flops / (gflops * 1e9);
  const double sample = step / 3 / static_cast<double>(one.batch);
  const double samples = validates() ? kind_.validation_samples(candidate, validated_volumes()) : 0;
  return {.step_seconds = step,
          .validation_seconds = sample * samples,
          .bytes = one.bytes,
          .start_seconds = settings_.defaults.start_seconds,
          .saving_seconds = saving_seconds(0),
          .end_seconds = end_seconds(candidate, sample)};
}

// With folds, validation is timed on the training cases: a fold's part of them is held out.
Json CandidateCosts::timed_experiment(std::size_t candidate, const Length& length) const {
  PlanSettings settings = settings_;
  settings.folds = 0;
  Json json = kind_.experiment(candidate, settings, length).json;
  if (data_.scans)  // what is timed reads the imported files in their place
    json["data"]["train"] = {
        {"files", data_.train.files}, {"input", data_.train.input}, {"target", data_.train.target}};
  if (settings_.folds > 0) json["data"]["validation"] = json["data"]["train"];
  return json;
}

// The peak of this process is that of a run but for checkpoints, which it does not write, and
// volumes that it has not read yet. Where the system does not tell it, what can be counted stands
// for it.
CandidateCost CandidateCosts::measured(std::size_t candidate, const Length& length,
                                       double seconds) const {
  const bool tells_peak = restart_peak_resident();
  const Stopwatch watch;
  const std::filesystem::path file(request_.file);
  Session session(
      read_run_config(timed_experiment(candidate, length), file.string(), file.parent_path()),
      request_.threads);
  const double opened = watch.seconds();
  const StepMemory memory = step_memory(session);
  const Forecast forecasted = forecast(session, seconds);
  CandidateCost cost{.step_seconds = forecasted.step_seconds,
                     .validation_seconds = forecasted.validation_seconds,
                     .is_measured = true};
  const auto checkpoint = static_cast<double>(memory.checkpoint_bytes);
  const std::size_t peak = peak_resident_bytes() + session.sets().uncached_bytes();
  cost.bytes =
      tells_peak ? static_cast<double>(peak) + checkpoint : static_cast<double>(memory.total());
  cost.start_seconds = opened + forecasted.start_seconds;
  cost.saving_seconds = saving_seconds(checkpoint / StepMemory::kCheckpointCopies);
  const double samples = std::max(forecasted.validation_samples, 1.0);
  cost.end_seconds = end_seconds(candidate, forecasted.validation_seconds / samples);
  if (settings_.folds > 0) cost.validation_seconds /= static_cast<double>(settings_.folds);
  return cost;
}

}  // namespace lucid
