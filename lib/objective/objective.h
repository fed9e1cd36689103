#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/triple.h"
#include "objective/loss/loss.h"
#include "objective/objective_sums.h"
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
// all with the same target; a loss over labels whose output has fewer voxels than the main one sees
// coarse_targets.h's. Metrics interpret predictions as the first loss of the main output does.
class Objective {
 public:
  explicit Objective(std::vector<ObjectiveTerm> terms);  // at least one is of output 0

  std::span<const ObjectiveTerm> terms() const { return terms_; }
  const Loss& main() const { return *main_; }

  // Returns the main output's voxels per voxel of an output that has fewer and whose losses are
  // over labels. Shapes are without N.
  std::optional<Triple> strides_of_output(std::span<const Shape> outputs, std::size_t output) const;

  // Calls Loss::check for every term. Shapes are without N, one per output.
  void check(std::span<const Shape> outputs, const Shape& target, TargetType type) const;

  // Returns Loss::label_range of every term.
  std::vector<std::optional<ClassTargets>> label_ranges(std::span<const Shape> outputs,
                                                        TargetType type) const;

  // Calls Loss::differentiate for every term and adds up the gradients of terms with the same
  // output. `whole` holds the sums of all samples whose loss is meant; if it is empty, that is this
  // batch. Not thread-safe: it uses a buffer of the object.
  void differentiate(std::span<const OutputValues> outputs, std::span<const float> target,
                     const ObjectiveSums& whole, ObjectiveSums& sums);

  // Writes what Loss::weigh does for every term. `outputs` are shapes with N. It is not enough for
  // `whole` where a loss needs predictions.
  void weigh(std::span<const Shape> outputs, std::span<const float> target, ObjectiveSums& sums);
  bool whole_needs_predictions() const;

  // Returns the weighted sum of the losses in which something counts, or nothing if there is none.
  std::optional<double> value(const ObjectiveSums& sums) const;

  // True if these can be sums of these losses, or are empty.
  bool fits(std::span<const Shape> outputs, const ObjectiveSums& sums) const;

  // Returns the loss of a batch by itself, NaN where nothing counts, and writes the gradients.
  float evaluate(std::span<const OutputValues> outputs, std::span<const float> target);

  // Loss::sum_part and Loss::join_parts of every term. A part has targets for each output, of as
  // many voxels; an output without values adds nothing.
  ObjectiveSums sums_of_part(std::span<const OutputValues> outputs,
                             std::span<const std::span<const float>> targets) const;
  ObjectiveSums joined_parts(const ObjectiveSums& parts) const;

  // The ignore_index of all losses; empty if they have different ones.
  std::optional<std::int64_t> ignore_index() const;

  // True when Loss::wants_class_weights is for at least one term.
  bool wants_class_weights() const;

 private:
  // True if one of the first `count` terms is applied to that output.
  bool has_term(std::size_t count, std::size_t output) const;
  // Returns what the term's loss is given for the targets of a batch, valid until the next call.
  std::span<const float> targets_of(const ObjectiveTerm& term, const Shape& main,
                                    const Shape& output, std::span<const float> target);

  std::vector<ObjectiveTerm> terms_;
  const Loss* main_;
  std::vector<float> gradient_;  // buffer of terms that are not the first of their output
  std::vector<float> coarse_;    // buffer of targets_of()
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
