#include <array>
#include <nlohmann/json.hpp>

#include "objective/loss/dice_block.h"
#include "objective/loss/label_loss.h"
#include "objective/loss/losses.h"
#include "objective/loss/reduction.h"
#include "objective/loss/target_shapes.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

void add_regions(std::span<const RegionSums> regions, Loss::Sums& sums) {
  for (const RegionSums& region : regions)
    sums.insert(sums.end(), {region.overlap, region.prediction, region.target, region.voxels});
}

// Returns what add_regions() added to the sums of a cross entropy.
std::vector<RegionSums> regions_of(std::span<const double> sums) {
  std::vector<RegionSums> regions;
  for (std::size_t i = 2; i < sums.size(); i += 4)
    regions.push_back({sums[i], sums[i + 1], sums[i + 2], sums[i + 3]});
  return regions;
}

// Computes lambda_dice times the Dice loss plus lambda_ce times the cross entropy in two passes
// over the predictions: the sums of the regions, then the gradient.
class DiceCELoss final : public LabelLoss {
 public:
  struct Lambdas {
    double dice, cross_entropy;
  };
  DiceCELoss(const char* type, Lambdas lambdas, JsonObject& object);

  void check(const Shape& prediction, const Shape& target, TargetType type) const override;
  std::size_t sum_count(const Shape& prediction) const override {
    return dice_.is_over_batch ? 2 + 4 * static_cast<std::size_t>(prediction[0]) : 4;
  }
  // The first two sums are those of the cross entropy, its weight second. Those of Dice follow: the
  // sum of the regions' losses and the number of regions, or with "batch" four sums a channel.
  void differentiate(const Shape& shape, std::span<const float> prediction,
                     std::span<const float> target, std::span<float> gradient,
                     std::span<const double> whole, Sums& sums) const override;
  void weigh(const Shape& shape, std::span<const float> target, Sums& sums) const override;
  bool whole_needs_predictions() const override { return dice_.is_over_batch; }
  std::optional<double> value(std::span<const double> sums) const override;
  void sum_part(const Shape& shape, std::span<const float> prediction,
                std::span<const float> target, Sums& sums) const override;
  void join_parts(std::span<const double> parts, Sums& sums) const override;

 private:
  float weight_of(const VoxelBlock& block, std::int64_t channels) const {
    return overlap_.labels.weight_of(block.sample % channels);
  }
  double sum_regions(const VoxelGrid& grid, std::int64_t channels,
                     std::span<RegionSums> sums) const;
  void write_gradient(const VoxelGrid& grid, std::int64_t channels,
                      std::span<const RegionSlope> slopes, double scale) const;
  double cross_entropy_weight(std::int64_t channels, std::span<const RegionSums> sums) const;
  DiceSums dice_of(std::span<const double> sums) const;
  void find_slopes(std::span<const double> whole, std::span<const RegionSums> rows,
                   std::size_t channels, std::span<RegionSlope> slopes) const;

  Lambdas lambdas_;
  Reduction reduction_;
  DiceTerms dice_;
  OverlapTerms overlap_;
};

DiceCELoss::DiceCELoss(const char* type, Lambdas lambdas, JsonObject& object)
    : LabelLoss(type, object), lambdas_(lambdas), reduction_(read_reduction(object)) {
  constexpr NumberRange kNotNegative{.low = 0};
  dice_.includes_background = object.boolean("include_background", dice_.includes_background);
  dice_.is_squared = object.boolean("squared_pred", dice_.is_squared);
  dice_.is_jaccard = object.boolean("jaccard", dice_.is_jaccard);
  dice_.is_over_batch = object.boolean("batch", dice_.is_over_batch);
  dice_.smooth_nr = object.number("smooth_nr", kNotNegative, dice_.smooth_nr);
  dice_.smooth_dr = object.number("smooth_dr", kNotNegative, dice_.smooth_dr);
  overlap_ = {{terms()}, dice_.is_squared, lambdas_.cross_entropy > 0};
}

void DiceCELoss::check(const Shape& prediction, const Shape& target, TargetType type) const {
  LabelLoss::check(prediction, target, type);
  if (!dice_.includes_background && prediction[0] == 1)
    throw Error(ExitCode::kUsage, this->type() + ": \"include_background\": false leaves none of " +
                                      batch_text(prediction) + "; leave it out");
}

void DiceCELoss::differentiate(const Shape& shape, std::span<const float> prediction,
                               std::span<const float> target, std::span<float> gradient,
                               std::span<const double> whole, Sums& sums) const {
  const auto channels = static_cast<std::size_t>(shape[1]);
  const VoxelGrid grid = grid_of(shape, prediction, target, gradient);
  std::vector<RegionSums> rows(static_cast<std::size_t>(shape[0]) * channels);
  const double cross_entropy = sum_regions(grid, shape[1], rows);
  sums.assign({cross_entropy, cross_entropy_weight(shape[1], rows)});
  if (dice_.is_over_batch) {
    add_regions(over_batch(rows, channels), sums);
  } else {
    const DiceSums found = dice_sums(dice_, terms(), rows, channels);
    sums.insert(sums.end(), {found.losses, found.regions});
  }
  if (gradient.empty()) return;
  if (whole.empty()) whole = sums;
  std::vector<RegionSlope> slopes(rows.size());
  find_slopes(whole, rows, channels, slopes);
  write_gradient(grid, shape[1], slopes, scale_of(reduction_, whole[1], lambdas_.cross_entropy));
}

// With "batch" every sample has the slopes of its class in the whole.
void DiceCELoss::find_slopes(std::span<const double> whole, std::span<const RegionSums> rows,
                             std::size_t channels, std::span<RegionSlope> slopes) const {
  const double scale = scale_of(reduction_, dice_of(whole).regions, lambdas_.dice);
  if (!dice_.is_over_batch) return dice_slopes(dice_, terms(), scale, rows, channels, slopes);
  dice_slopes(dice_, terms(), scale, regions_of(whole), channels, slopes);
  for (std::size_t i = channels; i < slopes.size(); ++i) slopes[i] = slopes[i % channels];
}

void DiceCELoss::weigh(const Shape& shape, std::span<const float> target, Sums& sums) const {
  const auto channels = static_cast<std::size_t>(shape[1]),
             rows = static_cast<std::size_t>(shape[0]) * (is_sigmoid() ? channels : 1),
             voxels = target.size() / rows;
  const std::size_t first = dice_.includes_background ? 0 : 1;
  double counted = 0, regions = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const double found = count_targets(terms(), target.subspan(row * voxels, voxels));
    counted += found;
    if (found == 0) continue;
    if (!is_sigmoid())
      regions += static_cast<double>(channels - first);
    else
      regions += row % channels >= first ? 1 : 0;
  }
  const double weight = is_sigmoid() ? counted : total_weight(type(), terms(), shape[1], target);
  sums.assign({0, overlap_.wants_cross_entropy ? weight : 0, 0, regions});
}

std::optional<double> DiceCELoss::value(std::span<const double> sums) const {
  if (sums.empty()) return std::nullopt;
  const auto cross_entropy = reduced(reduction_, sums);
  const DiceSums found = dice_of(sums);
  std::optional<double> dice;
  if (lambdas_.dice > 0) dice = reduced(reduction_, std::array{found.losses, found.regions});
  if (!dice && !cross_entropy) return std::nullopt;
  return lambdas_.dice * dice.value_or(0) + lambdas_.cross_entropy * cross_entropy.value_or(0);
}

DiceSums DiceCELoss::dice_of(std::span<const double> sums) const {
  if (!dice_.is_over_batch) return {sums[2], sums[3]};
  const std::vector<RegionSums> regions = regions_of(sums);
  return dice_sums(dice_, terms(), regions, regions.size());
}

// Parts of a sample have the sums that samples have with "batch".
void DiceCELoss::sum_part(const Shape& shape, std::span<const float> prediction,
                          std::span<const float> target, Sums& sums) const {
  const VoxelGrid grid = grid_of(shape, prediction, target, {});
  std::vector<RegionSums> rows(static_cast<std::size_t>(shape[0] * shape[1]));
  const double cross_entropy = sum_regions(grid, shape[1], rows);
  sums.assign({cross_entropy, cross_entropy_weight(shape[1], rows)});
  add_regions(over_batch(rows, static_cast<std::size_t>(shape[1])), sums);
}

void DiceCELoss::join_parts(std::span<const double> parts, Sums& sums) const {
  if (dice_.is_over_batch) return LabelLoss::join_parts(parts, sums);
  const std::vector<RegionSums> regions = regions_of(parts);
  const DiceSums found = dice_sums(dice_, terms(), regions, regions.size());
  sums.assign({parts[0], parts[1], found.losses, found.regions});
}

// The blocks' sums are added in the order of the blocks, so that the result does not depend on the
// number of threads.
double DiceCELoss::sum_regions(const VoxelGrid& grid, std::int64_t channels,
                               std::span<RegionSums> sums) const {
  const auto classes = static_cast<std::size_t>(grid.classes);
  std::vector<RegionSums> parts(static_cast<std::size_t>(grid.blocks()) * classes);
  const auto part = [&](std::int64_t i) {
    return std::span(parts).subspan(static_cast<std::size_t>(i) * classes, classes);
  };
  const double cross_entropy = parallel_sum(grid.blocks(), 1, [&](std::int64_t i, std::int64_t) {
    const VoxelBlock block = grid.block(i);
    return is_sigmoid() ? sum_channel(block, overlap_, weight_of(block, channels), part(i)[0])
                        : sum_classes(block, overlap_, part(i));
  });
  for (std::int64_t i = 0; i < grid.blocks(); ++i)
    for (std::size_t c = 0; c < classes; ++c)
      sums[static_cast<std::size_t>(i / grid.blocks_a_sample()) * classes + c] += part(i)[c];
  return cross_entropy;
}

void DiceCELoss::write_gradient(const VoxelGrid& grid, std::int64_t channels,
                                std::span<const RegionSlope> slopes, double scale) const {
  const auto classes = static_cast<std::size_t>(grid.classes);
  parallel_for(grid.blocks(), [&](std::int64_t i) {
    const VoxelBlock block = grid.block(i);
    const auto of_sample =
        slopes.subspan(static_cast<std::size_t>(block.sample) * classes, classes);
    if (is_sigmoid())
      differentiate_channel(block, overlap_, weight_of(block, channels), of_sample[0], scale);
    else
      differentiate_classes(block, overlap_, of_sample, scale);
  });
}

// Returns what a mean of the cross entropy divides by: the weights of all labels, or with "sigmoid"
// the number of elements.
double DiceCELoss::cross_entropy_weight(std::int64_t channels,
                                        std::span<const RegionSums> sums) const {
  if (!overlap_.wants_cross_entropy) return 0;
  double total = 0;
  for (std::size_t i = 0; i < sums.size(); ++i)
    total += is_sigmoid()
                 ? sums[i].voxels
                 : sums[i].target * terms().weight_of(static_cast<std::int64_t>(i) % channels);
  return total;
}

}  // namespace

std::unique_ptr<Loss> make_dice_loss(JsonObject& object) {
  return std::make_unique<DiceCELoss>("DiceLoss", DiceCELoss::Lambdas{1, 0}, object);
}

std::unique_ptr<Loss> make_dice_ce_loss(JsonObject& object) {
  constexpr NumberRange kNotNegative{.low = 0};
  const double dice = object.number("lambda_dice", kNotNegative, 1.0);
  const double cross_entropy = object.number("lambda_ce", kNotNegative, 1.0);
  return std::make_unique<DiceCELoss>("DiceCELoss", DiceCELoss::Lambdas{dice, cross_entropy},
                                      object);
}

}  // namespace lucid
