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

  // Returns the loss of a batch and, unless `gradient` is empty, writes d loss / d prediction.
  // prediction_shape includes N. Where every label is ignored or has weight 0, a mean is 0 with a
  // zero gradient (PyTorch: NaN). Throws Error(kData) on a label that is no class.
  virtual float evaluate(const Shape& prediction_shape, std::span<const float> prediction,
                         std::span<const float> target, std::span<float> gradient) const = 0;

  // The loss of a sample that is predicted in parts: the parts' sums() are added element by
  // element, and of_sums() turns the total into the loss.
  virtual std::vector<double> sums(const Shape& prediction_shape, std::span<const float> prediction,
                                   std::span<const float> target) const = 0;
  virtual double of_sums(std::span<const double> sums) const = 0;

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
  // the training set's labels before evaluate() is called.
  virtual bool wants_class_weights() const { return false; }
};

// Reads "type" and its arguments, then calls finish(). Reports an unknown type and returns null.
std::unique_ptr<Loss> make_loss(JsonObject&);

// Returns total / (classes * count) for each class, as scikit-learn's "balanced", and 1 for a class
// that does not occur.
std::vector<double> balanced_class_weights(std::span<const std::int64_t> counts);

}  // namespace lucid
