#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/volumes/dataset.h"

namespace lucid {

// What labels count for: the weight of each class, and the label that counts for nothing.
struct ClassTerms {
  std::vector<float> weight;  // one a class; empty: 1
  std::int64_t ignore_index = -100;

  bool is_ignored(float label) const { return label == static_cast<float>(ignore_index); }
  float weight_of(std::int64_t label) const {
    return weight.empty() ? 1.F : weight[static_cast<std::size_t>(label)];
  }
};

// The arguments "weight" and "ignore_index".
class ClassArguments {
 public:
  explicit ClassArguments(JsonObject& object);

  const ClassTerms& terms() const { return terms_; }
  bool wants_weights() const { return wants_weights_; }  // "weight" is "auto"
  // Throws Error(kUsage) unless there are as many weights, or none. `what`: "class", "channel".
  void check_count(std::int64_t count, const std::string& what) const;

 private:
  ClassTerms terms_;
  bool wants_weights_ = false;
  std::string weight_place_;
};

// What a loss advises where targets are no labels for its predictions.
struct LabelAdvice {
  std::string one_logit;  // predictions have one channel
  std::string channels;   // targets have a channel a class
  std::string values;     // targets are floats
};

// Throws Error(kData) unless targets are one integer for each sample or voxel of the prediction,
// of at least two classes. Shapes without N.
void check_labels(const std::string& loss, const LabelAdvice& advice, const Shape& prediction,
                  const Shape& target, TargetType type);

// The sum of the labels' weights, ignored ones left out: what a mean divides by. Throws
// Error(kData) on a label that is no class.
double total_weight(const std::string& loss, const ClassTerms& terms, std::int64_t classes,
                    std::span<const float> target);

}  // namespace lucid
