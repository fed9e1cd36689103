#include <algorithm>
#include <nlohmann/json.hpp>

#include "objective/loss/focal_block.h"
#include "objective/loss/label_loss.h"
#include "objective/loss/losses.h"
#include "objective/loss/reduction.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kLabelsABlock = 4096;

class FocalLoss final : public LabelLoss {
 public:
  explicit FocalLoss(JsonObject& object);
  float evaluate(const Shape& shape, std::span<const float> prediction,
                 std::span<const float> target, std::span<float> gradient) const override;
  std::vector<double> sums(const Shape& shape, std::span<const float> prediction,
                           std::span<const float> target) const override;
  double of_sums(std::span<const double> sums) const override { return reduced(reduction_, sums); }

 private:
  // Returns the sum of the losses; writes the gradient of `scale` times that sum.
  double add_up(const VoxelGrid& grid, std::int64_t channels, double scale) const;
  double counted(std::span<const float> target) const;

  Reduction reduction_;
  FocalTerms focal_;
};

FocalLoss::FocalLoss(JsonObject& object)
    : LabelLoss("FocalLoss", object), reduction_(read_reduction(object)), focal_{terms()} {
  focal_.gamma = object.number("gamma", {.low = 0}, focal_.gamma);
  if (object.has("alpha")) focal_.alpha = object.number("alpha", {.low = 0, .high = 1});
}

float FocalLoss::evaluate(const Shape& shape, std::span<const float> prediction,
                          std::span<const float> target, std::span<float> gradient) const {
  const VoxelGrid grid = grid_of(shape, prediction, target, gradient);
  const double scale = scale_of(reduction_, counted(target) * static_cast<double>(grid.classes));
  return static_cast<float>(scale * add_up(grid, shape[1], scale));
}

std::vector<double> FocalLoss::sums(const Shape& shape, std::span<const float> prediction,
                                    std::span<const float> target) const {
  const VoxelGrid grid = grid_of(shape, prediction, target, {});
  return {add_up(grid, shape[1], 1), counted(target) * static_cast<double>(grid.classes)};
}

double FocalLoss::add_up(const VoxelGrid& grid, std::int64_t channels, double scale) const {
  return parallel_sum(grid.blocks(), 1, [&](std::int64_t i, std::int64_t) {
    const VoxelBlock block = grid.block(i);
    return is_sigmoid()
               ? focal_channel(block, focal_, focal_.weight_of(block.sample % channels), scale)
               : focal_classes(block, focal_, scale);
  });
}

// Counts the targets that are not ignored.
double FocalLoss::counted(std::span<const float> target) const {
  return parallel_sum(static_cast<std::int64_t>(target.size()), kLabelsABlock,
                      [&](std::int64_t begin, std::int64_t end) {
                        const auto part = target.subspan(static_cast<std::size_t>(begin),
                                                         static_cast<std::size_t>(end - begin));
                        return static_cast<double>(std::ranges::count_if(
                            part, [&](float label) { return !focal_.is_ignored(label); }));
                      });
}

}  // namespace

std::unique_ptr<Loss> make_focal_loss(JsonObject& object) {
  return std::make_unique<FocalLoss>(object);
}

}  // namespace lucid
