#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/volumes/dataset.h"

namespace lucid {

// What a loss over classes needs to check labels and to count them.
struct ClassTargets {
  std::int64_t classes;
  std::optional<std::int64_t> ignore_index;
  friend bool operator==(const ClassTargets&, const ClassTargets&) = default;
};

// What predictions are under a loss.
enum class PredictionKind {
  kClassLogits,   // one channel a class: softmax over axis 1
  kBinaryLogits,  // every number a logit of its own: sigmoid
  kValues
};

// What training minimises, as PyTorch's loss of that name means it. Plain host code over plain
// buffers; immutable.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual const std::string& type() const = 0;  // "CrossEntropyLoss"
  virtual PredictionKind prediction_kind() const = 0;

  // Throws Error(kData) naming both shapes and the fix when targets of that shape and type do not
  // fit the prediction. Shapes without N.
  virtual void check(const Shape& prediction, const Shape& target, TargetType type) const = 0;

  // The loss of a batch. prediction_shape is with N; a non-empty `gradient` receives d loss / d
  // prediction. A mean over no target at all (every label ignored, or of weight 0) is 0 with a
  // gradient of zeros, where PyTorch's loss is NaN. Throws Error(kData) on a
  // label that is no class.
  virtual float evaluate(const Shape& prediction_shape, std::span<const float> prediction,
                         std::span<const float> target, std::span<float> gradient) const = 0;

  // The loss of one sample that comes in parts, row by row of batches: what adds up over the parts,
  // number by number, and the loss of such sums.
  virtual std::vector<double> sums(const Shape& prediction_shape, std::span<const float> prediction,
                                   std::span<const float> target) const = 0;
  virtual double of_sums(std::span<const double> sums) const = 0;

  // The target that counts for nothing, whatever the targets' type.
  virtual std::optional<std::int64_t> ignore_index() const { return std::nullopt; }

  // How predictions of this shape (without N) count classes; empty for losses over values.
  virtual std::optional<ClassTargets> class_targets(const Shape& prediction) const = 0;

  // What targets of this type must be: class_targets(), and 0 or 1 where BCEWithLogitsLoss is given
  // integers; empty when any number will do.
  virtual std::optional<ClassTargets> label_range(const Shape& prediction, TargetType) const {
    return class_targets(prediction);
  }

  // True when class weights are "auto". Before evaluate() the loss must be made again with
  // balanced_class_weights(the training set's label counts) for its "weight".
  virtual bool wants_class_weights() const { return false; }
};

// Reads "type" and its arguments, calls finish(). Null when the type is unknown, which is reported.
std::unique_ptr<Loss> make_loss(JsonObject&);

// total / (classes * count) for each class, as scikit-learn's "balanced"; 1 for a class that does
// not occur.
std::vector<double> balanced_class_weights(std::span<const std::int64_t> counts);

}  // namespace lucid
