#pragma once

#include "plan/parameters.h"

namespace lucid {

// Scales all gradients so that their joint 2-norm is at most max_norm, as
// torch.nn.utils.clip_grad_norm_ does, and returns the norm before scaling. With an infinite
// max_norm it only measures; the norm is not finite if a gradient is not.
double clip_gradients(Parameters& parameters, double max_norm);

}  // namespace lucid
