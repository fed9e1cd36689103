#pragma once
// Private to this room.

#include "objective/loss/class_labels.h"
#include "objective/loss/loss.h"
#include "objective/prediction/voxel_block.h"

namespace lucid {

// Base of the losses that take class labels (softmax over axis 1) or, with "sigmoid", a binary
// target per channel. Reads "sigmoid", "weight" and "ignore_index".
class LabelLoss : public Loss {
 public:
  LabelLoss(std::string type, JsonObject& object);

  const std::string& type() const override { return type_; }
  PredictionKind prediction_kind() const override {
    return is_sigmoid_ ? PredictionKind::kBinaryLogits : PredictionKind::kClassLogits;
  }
  void check(const Shape& prediction, const Shape& target, TargetType type) const override;
  std::optional<std::int64_t> ignore_index() const override { return terms().ignore_index; }
  std::optional<ClassTargets> class_targets(const Shape& prediction) const override;
  std::optional<ClassTargets> label_range(const Shape& prediction, TargetType type) const override;
  bool wants_class_weights() const override { return arguments_.wants_weights(); }

 protected:
  bool is_sigmoid() const { return is_sigmoid_; }
  const ClassTerms& terms() const { return arguments_.terms(); }

  // Divides a batch into blocks. With "sigmoid" every channel of a sample becomes a sample of one
  // class. Throws Error(kData) on a label that is no class.
  VoxelGrid grid_of(const Shape& shape, std::span<const float> prediction,
                    std::span<const float> target, std::span<float> gradient) const;

  // Throws Error(kData) on a label that is no class. `shape` includes N.
  void check_targets(const Shape& shape, std::span<const float> target) const {
    if (!is_sigmoid_) total_weight(type_, terms(), shape[1], target);
  }

 private:
  std::string type_;
  bool is_sigmoid_;
  ClassArguments arguments_;
};

}  // namespace lucid
