#pragma once
// Private to this room.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/volumes/dataset.h"

namespace lucid {

// Holds the weight of each class and the label that is ignored.
struct ClassTerms {
  std::vector<float> weight;  // one per class; empty: all 1
  std::int64_t ignore_index = -100;

  bool is_ignored(float label) const { return label == static_cast<float>(ignore_index); }
  float weight_of(std::int64_t label) const {
    return weight.empty() ? 1.F : weight[static_cast<std::size_t>(label)];
  }
};

// Reads the arguments "weight" and "ignore_index" of a loss.
class ClassArguments {
 public:
  explicit ClassArguments(JsonObject& object);

  const ClassTerms& terms() const { return terms_; }
  bool wants_weights() const { return wants_weights_; }  // "weight" is "auto"
  // Throws Error(kUsage) unless there are `count` weights or none. `what` is "class" or "channel".
  void check_count(std::int64_t count, const std::string& what) const;

 private:
  ClassTerms terms_;
  bool wants_weights_ = false;
  std::string weight_place_;
};

// Advice for errors about targets that do not fit a loss over labels.
struct LabelAdvice {
  std::string one_logit;  // predictions have one channel
  std::string channels;   // targets have one channel per class
  std::string values;     // targets are floats
};

// Throws Error(kData) unless targets are one integer for each sample or voxel of the prediction,
// of at least two classes. Shapes without N.
void check_labels(const std::string& loss, const LabelAdvice& advice, const Shape& prediction,
                  const Shape& target, TargetType type);

// Returns the sum of the weights of the labels that are not ignored, by which a mean divides.
// Throws Error(kData) on a label that is no class.
double total_weight(const std::string& loss, const ClassTerms& terms, std::int64_t classes,
                    std::span<const float> target);

// Counts the targets that are not ignored.
double count_targets(const ClassTerms& terms, std::span<const float> target);

}  // namespace lucid
