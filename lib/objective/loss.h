#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/dataset.h"

namespace lucid {

// What a loss over classes needs to check labels and to count them.
struct ClassTargets {
  std::int64_t classes;
  std::optional<std::int64_t> ignore_index;
};

// What training minimises, as PyTorch's loss of that name means it. Plain host code over plain
// buffers; immutable.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual const std::string& type() const = 0;  // "CrossEntropyLoss"

  // Throws Error(kData) naming both shapes and the fix when targets of that shape and type do not
  // fit the prediction. Shapes without N.
  virtual void check(const Shape& prediction, const Shape& target, TargetType type) const = 0;

  // The loss of a batch. prediction_shape is with N; a non-empty `gradient` receives d loss / d
  // prediction.
  virtual float evaluate(const Shape& prediction_shape, std::span<const float> prediction,
                         std::span<const float> target, std::span<float> gradient) const = 0;

  // How predictions of this shape (without N) count classes; empty for losses over values.
  virtual std::optional<ClassTargets> class_targets(const Shape& prediction) const = 0;

  // True when class weights are "auto": to be replaced by class_weights() of the training set's
  // label counts before evaluate().
  virtual bool wants_class_weights() const { return false; }
};

std::unique_ptr<Loss> make_loss(JsonObject&);  // reads "type" and its arguments, calls finish()

// total / (classes * count) for each class, as scikit-learn's "balanced"; 1 for a class that does
// not occur.
std::vector<double> balanced_class_weights(std::span<const std::int64_t> counts);

}  // namespace lucid
