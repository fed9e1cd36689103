#include "objective/loss/loss.h"

#include <array>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/catalogue.h"
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

Reduction read_reduction(JsonObject& object) {
  static const std::vector<std::string> kKnown = {"mean", "sum"};
  object.only_null({"size_average", "reduce"});
  return object.choice("reduction", kKnown, "mean") == "sum" ? Reduction::kSum : Reduction::kMean;
}

double scale_of(Reduction reduction, double count) {
  if (reduction == Reduction::kSum) return 1;
  return count == 0 ? 0 : 1 / count;
}

std::string place_of(const JsonObject& object, std::string_view key) {
  return object.errors().file() + ": " + object.pointer() + "/" + std::string(key);
}

std::string batch_text(const Shape& shape) {
  std::string text = "(N";
  for (const Shape::Extent extent : shape.extents()) text += ", " + std::to_string(extent);
  return text + ")";
}

void check_values(const std::string& loss, const Shape& prediction, const Shape& target,
                  const std::string& for_classes) {
  if (target == prediction) return;
  if (prediction.rank() > 0 && prediction[0] == 1 && target == prediction.without_first()) return;
  const bool may_be_classes = prediction.rank() > 0 && target == prediction.without_first();
  throw Error(ExitCode::kData,
              loss + ": predictions " + batch_text(prediction) + " need targets " +
                  batch_text(prediction) + ", found " + batch_text(target) +
                  (may_be_classes ? "; " + for_classes : "; change the last layer or the targets"));
}

}  // namespace lucid
