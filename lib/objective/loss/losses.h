#pragma once
// Private to this room.

#include <memory>

#include "objective/loss/loss.h"

namespace lucid {

// The entries of the registry in loss.cpp; each reads its own arguments.
std::unique_ptr<Loss> make_bce_with_logits_loss(JsonObject&);
std::unique_ptr<Loss> make_cross_entropy_loss(JsonObject&);
std::unique_ptr<Loss> make_dice_ce_loss(JsonObject&);
std::unique_ptr<Loss> make_dice_loss(JsonObject&);
std::unique_ptr<Loss> make_focal_loss(JsonObject&);
std::unique_ptr<Loss> make_huber_loss(JsonObject&);
std::unique_ptr<Loss> make_l1_loss(JsonObject&);
std::unique_ptr<Loss> make_mse_loss(JsonObject&);

}  // namespace lucid
