#include <nlohmann/json.hpp>

#include "objective/loss/focal_block.h"
#include "objective/loss/label_loss.h"
#include "objective/loss/losses.h"
#include "objective/loss/reduction.h"
#include "tensor/parallel.h"

namespace lucid {
namespace {

class FocalLoss final : public LabelLoss {
 public:
  explicit FocalLoss(JsonObject& object);
  std::size_t sum_count(const Shape&) const override { return 2; }
  void differentiate(const Shape& shape, std::span<const float> prediction,
                     std::span<const float> target, std::span<float> gradient,
                     std::span<const double> whole, Sums& sums) const override;
  void weigh(const Shape& shape, std::span<const float> target, Sums& sums) const override {
    check_targets(shape, target);
    sums.assign({0, weight_of(shape, target)});
  }
  std::optional<double> value(std::span<const double> sums) const override {
    return reduced(reduction_, sums);
  }

 private:
  // Returns the sum of the losses; writes the gradient of `scale` times that sum.
  double add_up(const VoxelGrid& grid, std::int64_t channels, double scale) const;
  // A mean is taken over voxels and classes, or with "sigmoid" over elements.
  double weight_of(const Shape& shape, std::span<const float> target) const {
    return count_targets(terms(), target) * (is_sigmoid() ? 1 : static_cast<double>(shape[1]));
  }

  Reduction reduction_;
  FocalTerms focal_;
};

FocalLoss::FocalLoss(JsonObject& object)
    : LabelLoss("FocalLoss", object), reduction_(read_reduction(object)), focal_{terms()} {
  focal_.gamma = object.number("gamma", {.low = 0}, focal_.gamma);
  if (object.has("alpha")) focal_.alpha = object.number("alpha", {.low = 0, .high = 1});
}

void FocalLoss::differentiate(const Shape& shape, std::span<const float> prediction,
                              std::span<const float> target, std::span<float> gradient,
                              std::span<const double> whole, Sums& sums) const {
  const VoxelGrid grid = grid_of(shape, prediction, target, gradient);
  const double weight = weight_of(shape, target);
  const double scale = scale_of_whole(reduction_, whole, weight);
  sums.assign({add_up(grid, shape[1], scale), weight});
}

double FocalLoss::add_up(const VoxelGrid& grid, std::int64_t channels, double scale) const {
  return parallel_sum(grid.blocks(), 1, [&](std::int64_t i, std::int64_t) {
    const VoxelBlock block = grid.block(i);
    return is_sigmoid()
               ? focal_channel(block, focal_, focal_.weight_of(block.sample % channels), scale)
               : focal_classes(block, focal_, scale);
  });
}

}  // namespace

std::unique_ptr<Loss> make_focal_loss(JsonObject& object) {
  return std::make_unique<FocalLoss>(object);
}

}  // namespace lucid
