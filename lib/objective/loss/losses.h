#pragma once

#include <memory>

#include "objective/loss/loss.h"

namespace lucid {

// The lines of the list in loss.cpp: each reads its own arguments.
std::unique_ptr<Loss> make_cross_entropy_loss(JsonObject&);
std::unique_ptr<Loss> make_bce_with_logits_loss(JsonObject&);
std::unique_ptr<Loss> make_mse_loss(JsonObject&);
std::unique_ptr<Loss> make_l1_loss(JsonObject&);
std::unique_ptr<Loss> make_huber_loss(JsonObject&);
std::unique_ptr<Loss> make_dice_loss(JsonObject&);
std::unique_ptr<Loss> make_dice_ce_loss(JsonObject&);
std::unique_ptr<Loss> make_focal_loss(JsonObject&);

// What several losses share.
enum class Reduction { kMean, kSum };
Reduction read_reduction(JsonObject&);  // also PyTorch's deprecated size_average and reduce

// What a sum over targets is multiplied with: 1, or one over what they count, 0 where none does.
double scale_of(Reduction reduction, double count);
// The loss of a sum and what its targets count, where they are all of Loss::sums().
inline double reduced(Reduction reduction, std::span<const double> sums) {
  return sums[0] * scale_of(reduction, sums[1]);
}

// Where an argument stands, for errors that show only beside a prediction:
// "a.json: /loss/weight".
std::string place_of(const JsonObject&, std::string_view key);

// "(N, 3, 8, 8)" for a shape without N.
std::string batch_text(const Shape&);

// Throws Error(kData) unless targets have the shape of the prediction, or that shape without a
// channel axis of 1. `for_classes`: what to do where they look like class numbers.
void check_values(const std::string& loss, const Shape& prediction, const Shape& target,
                  const std::string& for_classes = "for class numbers use CrossEntropyLoss");

}  // namespace lucid
