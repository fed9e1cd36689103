#include "objective/loss/loss.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/registry.h"
#include "objective/loss/losses.h"

namespace lucid {
namespace {

using MakeLoss = std::unique_ptr<Loss> (*)(JsonObject&);

constexpr std::array kLosses = {
    Named<MakeLoss>{"BCEWithLogitsLoss", make_bce_with_logits_loss},
    Named<MakeLoss>{"CrossEntropyLoss", make_cross_entropy_loss},
    Named<MakeLoss>{"DiceCELoss", make_dice_ce_loss},
    Named<MakeLoss>{"DiceLoss", make_dice_loss},
    Named<MakeLoss>{"FocalLoss", make_focal_loss},
    Named<MakeLoss>{"HuberLoss", make_huber_loss},
    Named<MakeLoss>{"L1Loss", make_l1_loss},
    Named<MakeLoss>{"MSELoss", make_mse_loss},
};

}  // namespace

float Loss::evaluate(const Shape& prediction_shape, std::span<const float> prediction,
                     std::span<const float> target, std::span<float> gradient) const {
  Sums sums;
  differentiate(prediction_shape, prediction, target, gradient, {}, sums);
  return static_cast<float>(value(sums).value_or(std::numeric_limits<double>::quiet_NaN()));
}

std::unique_ptr<Loss> make_loss(JsonObject& object) { return make_named(kLosses, "loss", object); }

std::vector<double> balanced_class_weights(std::span<const std::int64_t> counts) {
  const auto total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  std::vector<double> weights;
  for (const std::int64_t count : counts)
    weights.push_back(count == 0
                          ? 1.0
                          : static_cast<double>(total) /
                                (static_cast<double>(counts.size()) * static_cast<double>(count)));
  return weights;
}

}  // namespace lucid
