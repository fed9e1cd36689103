#pragma once
// Private to this room.

#include "layers/convolution/problem/problem.h"
#include "plan/builder.h"

namespace lucid {

// True where the layer that is being compiled takes less time in float32 than in bfloat16, by the
// costs of the routes of all its passes and the conversions that each type asks for. Never with a
// matrix unit, nor where a route is forced.
bool is_faster_in_float(PlanBuilder& b, const Problem& in_bfloat16, const Problem& in_float);

}  // namespace lucid
