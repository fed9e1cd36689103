#pragma once

#include <functional>
#include <optional>

#include "data/loader/loader.h"
#include "train/report/report.h"
#include "train/session.h"

namespace lucid {

// Returns true if the run must stop after the current step.
using StopRequest = std::function<bool()>;

// Measures the loss and the metrics of the validation set. Throws Divergence.
class Validation {
 public:
  explicit Validation(Session& session);
  // Returns nothing if a stop was requested, and no values without a validation set.
  std::optional<Measurements> run(const StopRequest& stop_requested);

 private:
  Session& session_;
  Evaluation evaluation_;
  std::optional<Loader> loader_;
};

}  // namespace lucid
