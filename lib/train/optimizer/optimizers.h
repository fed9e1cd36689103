#pragma once
// Private to this room.

#include <memory>

#include "train/optimizer/optimizer.h"

namespace lucid {

// The entries of the registry in optimizer.cpp; each reads its own arguments.
std::unique_ptr<Optimizer> make_adam(JsonObject&);
std::unique_ptr<Optimizer> make_adam_w(JsonObject&);
std::unique_ptr<Optimizer> make_rms_prop(JsonObject&);
std::unique_ptr<Optimizer> make_sgd(JsonObject&);

}  // namespace lucid
