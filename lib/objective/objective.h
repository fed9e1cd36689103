#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "objective/loss/loss.h"
#include "objective/prediction/outputs.h"

namespace lucid {

// One loss with its weight `factor` and the output of the network that it is applied to.
struct ObjectiveTerm {
  std::unique_ptr<Loss> loss;
  float factor;
  std::size_t output;  // its index in the network
  std::string output_name;
};

// The weighted sum of losses that training minimises. Each is applied to one output of the network,
// all with the same target. Metrics interpret predictions as the first loss of the main output
// does.
class Objective {
 public:
  explicit Objective(std::vector<ObjectiveTerm> terms);  // at least one is of output 0

  std::span<const ObjectiveTerm> terms() const { return terms_; }
  const Loss& main() const { return *main_; }

  // Calls Loss::check for every term. Shapes are without N, one per output.
  void check(std::span<const Shape> outputs, const Shape& target, TargetType type) const;

  // Returns Loss::label_range of every term.
  std::vector<std::optional<ClassTargets>> label_ranges(std::span<const Shape> outputs,
                                                        TargetType type) const;

  // Returns the weighted sum of Loss::evaluate and adds up the gradients of terms with the same
  // output. Not thread-safe: it uses a buffer of the object.
  float evaluate(std::span<const OutputValues> outputs, std::span<const float> target);

  // Loss::sums of every term, and the loss of such sums.
  using Sums = std::vector<std::vector<double>>;
  Sums sums(std::span<const OutputValues> outputs, std::span<const float> target) const;
  double of_sums(const Sums& sums) const;

  // The ignore_index of all losses; empty if they have different ones.
  std::optional<std::int64_t> ignore_index() const;

  // True when Loss::wants_class_weights is for at least one term.
  bool wants_class_weights() const;

 private:
  // True if one of the first `count` terms is applied to that output.
  bool has_term(std::size_t count, std::size_t output) const;

  std::vector<ObjectiveTerm> terms_;
  const Loss* main_;
  std::vector<float> gradient_;  // buffer of terms that are not the first of their output
};

// Reads "loss", an object or a list of them. `outputs` are the names of the network's outputs, the
// main one first; if it is empty (the network could not be read), any name is accepted. Reports
// errors and returns null after one.
std::unique_ptr<Objective> read_objective(JsonObject& root, std::span<const std::string> outputs);

// Returns the JSON of "loss" with class weights in place of "auto". `counts` are those of the
// training set's labels, one list per term.
Json with_class_weights(const Json& losses, const Objective& objective,
                        std::span<const std::vector<std::int64_t>> counts);

}  // namespace lucid
