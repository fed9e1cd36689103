#pragma once

#include "base/json.h"
#include "train/report/report.h"

namespace lucid {

// Return an event as programs read it, with the name of its kind under "event".
Json event_json(const BeginEvent& event);
Json event_json(const StepEvent& event);
Json event_json(const EpochEvent& event);
Json event_json(const TimeLimitEvent& event);
Json event_json(const EndEvent& event);

}  // namespace lucid
