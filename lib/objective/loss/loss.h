#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/volumes/dataset.h"

namespace lucid {

// The labels that a loss accepts: 0 to classes - 1, and ignore_index.
struct ClassTargets {
  std::int64_t classes;
  std::optional<std::int64_t> ignore_index;
  friend bool operator==(const ClassTargets&, const ClassTargets&) = default;
};

// The meaning that a loss gives to predictions.
enum class PredictionKind {
  kClassLogits,   // one channel per class: softmax over axis 1
  kBinaryLogits,  // every element is a logit of its own: sigmoid
  kValues
};

// A loss as PyTorch defines the one of that name. Works on plain (not blocked) buffers; immutable.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual const std::string& type() const = 0;  // "CrossEntropyLoss"
  virtual PredictionKind prediction_kind() const = 0;

  // Throws Error(kData) naming both shapes and the fix when targets of that shape and type do not
  // fit the prediction. Shapes without N.
  virtual void check(const Shape& prediction, const Shape& target, TargetType type) const = 0;

  // A loss follows from sums over samples, such as the sum of the voxels' losses and that of their
  // weights. The sums of several batches, added element by element, are those of one batch of all
  // their samples.
  using Sums = std::vector<double>;
  virtual std::size_t sum_count(const Shape& prediction) const = 0;  // shape without N

  // Writes the sums of a batch and, unless `gradient` is empty, d loss / d prediction. The loss is
  // that of all samples of which `whole` holds the sums, or of this batch if `whole` is empty.
  // Where nothing counts, because every label is ignored or has weight 0, the gradient is 0.
  // prediction_shape includes N. Throws Error(kData) on a label that is no class.
  virtual void differentiate(const Shape& prediction_shape, std::span<const float> prediction,
                             std::span<const float> target, std::span<float> gradient,
                             std::span<const double> whole, Sums& sums) const = 0;

  // Writes the sums as far as targets alone decide them, and 0 for the others. No more is needed
  // of `whole` above, unless whole_needs_predictions().
  virtual void weigh(const Shape& prediction_shape, std::span<const float> target,
                     Sums& sums) const = 0;
  virtual bool whole_needs_predictions() const { return false; }

  // Returns the loss, or nothing where nothing counts, whatever the reduction.
  virtual std::optional<double> value(std::span<const double> sums) const = 0;

  // For a sample that is predicted in parts: the parts' sums are added element by element, and
  // join_parts() turns the total into the sums of the sample.
  virtual void sum_part(const Shape& prediction_shape, std::span<const float> prediction,
                        std::span<const float> target, Sums& sums) const {
    differentiate(prediction_shape, prediction, target, {}, {}, sums);
  }
  virtual void join_parts(std::span<const double> parts, Sums& sums) const {
    sums.assign(parts.begin(), parts.end());
  }

  // Returns the loss of a batch by itself, NaN where nothing counts, and writes its gradient unless
  // `gradient` is empty.
  float evaluate(const Shape& prediction_shape, std::span<const float> prediction,
                 std::span<const float> target, std::span<float> gradient) const;

  // The target value that is left out, whatever the type of the targets.
  virtual std::optional<std::int64_t> ignore_index() const { return std::nullopt; }

  // The labels that fit predictions of this shape (without N); empty for losses over values.
  virtual std::optional<ClassTargets> class_targets(const Shape& prediction) const = 0;

  // The range of targets of this type: class_targets(), or 0 and 1 where a binary loss is given
  // integers; empty if any value is allowed.
  virtual std::optional<ClassTargets> label_range(const Shape& prediction, TargetType) const {
    return class_targets(prediction);
  }

  // True when "weight" is "auto". Such a loss must be made again with balanced_class_weights() of
  // the training set's labels before it is used.
  virtual bool wants_class_weights() const { return false; }
};

// Reads "type" and its arguments, then calls finish(). Reports an unknown type and returns null.
std::unique_ptr<Loss> make_loss(JsonObject&);

// Returns total / (classes * count) for each class, as scikit-learn's "balanced", and 1 for a class
// that does not occur.
std::vector<double> balanced_class_weights(std::span<const std::int64_t> counts);

}  // namespace lucid
