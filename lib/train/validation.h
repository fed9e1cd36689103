#pragma once

#include <functional>
#include <optional>

#include "data/loader/loader.h"
#include "ranks/ranks.h"
#include "train/cases/case_measurements.h"
#include "train/cases/slice_places.h"
#include "train/report/report.h"
#include "train/session/session.h"
#include "train/shared_failure.h"

namespace lucid {

// Returns true if the run must stop after the current step.
using StopRequest = std::function<bool()>;

// Measures the loss and the metrics of the validation set and of each of its cases. Of several
// ranks, each predicts some of the batches, and all have the same measurements. Throws Divergence.
class Validation {
 public:
  explicit Validation(Session& session, Ranks& ranks = alone());  // both must outlive it
  // Returns nothing if a stop was requested, and no values without a validation set.
  std::optional<Measurements> run(const StopRequest& stop_requested);

  // The cases of the set and what the last run measured of them. Must not be called without a
  // validation set.
  const CaseList& cases() const { return *cases_; }
  const CaseMeasurements& measured_cases() const { return meter_->measured(); }
  const SlicePlaces& places() const { return *places_; }

 private:
  void begin();
  void predict_next();
  void measure(const Batch& batch, std::span<const OutputValues> outputs);
  void take(std::span<const double> numbers);
  Measurements finish();

  Session& session_;
  Ranks& ranks_;
  Evaluation evaluation_;
  std::optional<Loader> loader_;
  std::optional<CaseList> cases_;
  std::optional<CaseMeter> meter_;
  std::optional<SlicePlaces> places_;
  std::vector<double> numbers_;  // what this rank has measured, sample by sample
  SharedFailure failure_;
};

}  // namespace lucid
