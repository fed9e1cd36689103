#pragma once

#include "train/session/session.h"

namespace lucid {

// How long the epochs of a run take.
struct Forecast {
  double step_seconds = 0, validation_seconds = 0;  // of one step; of the whole set
  std::int64_t epochs = 1, steps = 1;               // of the run, and of an epoch
  double start_seconds = 0;                         // until the first step, of an open session
  double validation_samples = 0;                    // of the whole set

  double epoch_seconds() const {
    return step_seconds * static_cast<double>(steps) + validation_seconds;
  }
};

// Takes training steps and validates for about so many seconds each, reading the data as a run
// does. Parameters keep their values, as steps have a rate of 0. Throws Error(kDiverged) where a
// loss is not finite, and what reading throws.
Forecast forecast(Session& session, double seconds);

}  // namespace lucid
