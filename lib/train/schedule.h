#pragma once

#include <cstdint>
#include <memory>

#include "base/json.h"

namespace lucid {

// The learning rate of an epoch, a pure function: nothing to save, nothing to restore.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual double rate(double base_rate, std::int64_t epoch) const = 0;  // epoch counts from 0
};

// StepLR, CosineAnnealingLR, LinearLR (warm-up), SequentialLR of them. `epochs` is what T_max
// defaults to (inside SequentialLR: what remains after its milestone). Null when the type is
// unknown, which is reported.
std::unique_ptr<Schedule> make_schedule(JsonObject&, std::int64_t epochs);
std::unique_ptr<Schedule> constant_schedule();

}  // namespace lucid
