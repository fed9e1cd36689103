#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "objective/loss/loss.h"
#include "objective/prediction/outputs.h"

namespace lucid {

// One loss of several: it looks at one output of the network and counts `factor` times.
struct ObjectiveTerm {
  std::unique_ptr<Loss> loss;
  float factor;
  std::size_t output;  // which of the network's
  std::string output_name;
};

// What a run minimises: the weighted sum of losses, each of one output of the network, all against
// the same target. The first loss of the first output is the main one: metrics read predictions as
// it does.
class Objective {
 public:
  explicit Objective(std::vector<ObjectiveTerm> terms);  // one of them of output 0

  std::span<const ObjectiveTerm> terms() const { return terms_; }
  const Loss& main() const { return *main_; }

  // As Loss::check, for every term. Shapes without N, one an output.
  void check(std::span<const Shape> outputs, const Shape& target, TargetType type) const;

  // As Loss::label_range, one a term.
  std::vector<std::optional<ClassTargets>> label_ranges(std::span<const Shape> outputs,
                                                        TargetType type) const;

  // As Loss::evaluate; the gradients of terms that look at one output add. Not for two threads at
  // a time: it keeps a buffer.
  float evaluate(std::span<const OutputValues> outputs, std::span<const float> target);

  // As Loss::sums and Loss::of_sums, one list a term.
  using Sums = std::vector<std::vector<double>>;
  Sums sums(std::span<const OutputValues> outputs, std::span<const float> target) const;
  double of_sums(const Sums& sums) const;

  // As Loss::ignore_index; none where the terms do not agree on one.
  std::optional<std::int64_t> ignore_index() const;

  // As Loss::wants_class_weights, true when one term does.
  bool wants_class_weights() const;

 private:
  // Whether one of the first `count` terms looks at that output.
  bool has_term(std::size_t count, std::size_t output) const;

  std::vector<ObjectiveTerm> terms_;
  const Loss* main_;
  std::vector<float> gradient_;  // of a term that is not the first of its output
};

// Reads "loss": an object, or a list of them. `outputs` are the names of the network's, the main
// one first; none: the network could not be read, and any name will do. Null after an error, which
// is reported.
std::unique_ptr<Objective> read_objective(JsonObject& root, std::span<const std::string> outputs);

// The JSON of "loss" with class weights in place of "auto". `counts`: those of the training set's
// labels, one list a term.
Json with_class_weights(const Json& losses, const Objective& objective,
                        std::span<const std::vector<std::int64_t>> counts);

}  // namespace lucid
