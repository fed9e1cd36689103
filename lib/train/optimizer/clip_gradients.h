#pragma once

#include "plan/parameters.h"

namespace lucid {

// Scales all gradients so that their joint 2-norm is at most max_norm, as
// torch.nn.utils.clip_grad_norm_. Returns the norm before. Without max_norm (infinity) it only
// measures: a non-finite norm tells of a non-finite gradient.
double clip_gradients(Parameters& parameters, double max_norm);

}  // namespace lucid
