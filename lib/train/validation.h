#pragma once

#include <functional>
#include <optional>

#include "data/loader/loader.h"
#include "train/report/report.h"
#include "train/session.h"

namespace lucid {

// Answers whether the run is to stop after the current step.
using StopRequest = std::function<bool()>;

// Measures the loss and the metrics of the validation set. Throws Divergence.
class Validation {
 public:
  explicit Validation(Session& session);
  // Empty when a stop was requested; no values without a validation set.
  std::optional<Measurements> run(const StopRequest& stop_requested);

 private:
  Session& session_;
  Evaluation evaluation_;
  std::optional<Loader> loader_;
};

}  // namespace lucid
