#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "objective/loss/dice_block.h"
#include "objective/loss/label_loss.h"
#include "objective/loss/losses.h"
#include "objective/loss/target_shapes.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

// Computes lambda_dice times the Dice loss plus lambda_ce times the cross entropy in two passes
// over the predictions: the sums of the regions, then the gradient.
class DiceCELoss final : public LabelLoss {
 public:
  struct Lambdas {
    double dice, cross_entropy;
  };
  DiceCELoss(const char* type, Lambdas lambdas, JsonObject& object);

  void check(const Shape& prediction, const Shape& target, TargetType type) const override;
  float evaluate(const Shape& shape, std::span<const float> prediction,
                 std::span<const float> target, std::span<float> gradient) const override;
  std::vector<double> sums(const Shape& shape, std::span<const float> prediction,
                           std::span<const float> target) const override;
  double of_sums(std::span<const double> sums) const override;

 private:
  float weight_of(const VoxelBlock& block, std::int64_t channels) const {
    return overlap_.labels.weight_of(block.sample % channels);
  }
  double sum_regions(const VoxelGrid& grid, std::int64_t channels,
                     std::span<RegionSums> sums) const;
  void write_gradient(const VoxelGrid& grid, std::int64_t channels,
                      std::span<const RegionSlope> slopes, double scale) const;
  double cross_entropy_scale(std::int64_t channels, std::span<const RegionSums> sums) const;

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

float DiceCELoss::evaluate(const Shape& shape, std::span<const float> prediction,
                           std::span<const float> target, std::span<float> gradient) const {
  const std::int64_t channels = shape[1];
  const VoxelGrid grid = grid_of(shape, prediction, target, gradient);
  std::vector<RegionSums> sums(static_cast<std::size_t>(shape[0] * channels));
  std::vector<RegionSlope> slopes(sums.size());
  const double cross_entropy = sum_regions(grid, channels, sums);
  const double overlap = dice(dice_, terms(), reduction_, lambdas_.dice, sums,
                              static_cast<std::size_t>(channels), slopes);
  const double scale = cross_entropy_scale(channels, sums);
  if (!gradient.empty()) write_gradient(grid, channels, slopes, scale);
  return static_cast<float>(overlap + scale * cross_entropy);
}

// The first element is the cross entropy; four elements per channel follow.
std::vector<double> DiceCELoss::sums(const Shape& shape, std::span<const float> prediction,
                                     std::span<const float> target) const {
  const VoxelGrid grid = grid_of(shape, prediction, target, {});
  std::vector<RegionSums> rows(static_cast<std::size_t>(shape[0] * shape[1]));
  std::vector<double> all{sum_regions(grid, shape[1], rows)};
  for (const RegionSums& sums : over_batch(rows, static_cast<std::size_t>(shape[1])))
    for (const double sum : {sums.overlap, sums.prediction, sums.target, sums.voxels})
      all.push_back(sum);
  return all;
}

double DiceCELoss::of_sums(std::span<const double> sums) const {
  std::vector<RegionSums> regions;
  for (std::size_t i = 1; i < sums.size(); i += 4)
    regions.push_back({sums[i], sums[i + 1], sums[i + 2], sums[i + 3]});
  std::vector<RegionSlope> slopes(regions.size());
  return dice(dice_, terms(), reduction_, lambdas_.dice, regions, regions.size(), slopes) +
         cross_entropy_scale(std::ssize(regions), regions) * sums[0];
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

// Returns the factor of the summed cross entropy. A mean divides by the weights of all labels, or
// with "sigmoid" by the number of elements.
double DiceCELoss::cross_entropy_scale(std::int64_t channels,
                                       std::span<const RegionSums> sums) const {
  if (reduction_ == Reduction::kSum) return lambdas_.cross_entropy;
  double total = 0;
  for (std::size_t i = 0; i < sums.size(); ++i)
    total += is_sigmoid()
                 ? sums[i].voxels
                 : sums[i].target * terms().weight_of(static_cast<std::int64_t>(i) % channels);
  return total == 0 ? 0 : lambdas_.cross_entropy / total;
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
