#pragma once

#include <span>

#include "train/tensorboard/message.h"

namespace lucid {

// Returns a HistogramProto of the finite values. Four buckets an octave show gradients of any
// magnitude; the limits are the same for all values, and buckets without any at either end are left
// out.
Message histogram(std::span<const float> values);

}  // namespace lucid
