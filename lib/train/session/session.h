#pragma once

#include <memory>
#include <vector>

#include "data/loader/loader.h"
#include "graph/model.h"
#include "objective/case_evaluation.h"
#include "objective/evaluation.h"
#include "train/session/data_sets.h"
#include "train/session/data_warnings.h"

namespace lucid {

// Owns a run's engine, model and data sets. The constructor checks that they fit each other:
// shapes, types and the range of labels.
class Session {
 public:
  // 0 threads stand for all that the machine offers. `measured` is a file of the run in which
  // save_measured() keeps the statistics of volumes.
  Session(RunConfig config, int threads, const std::filesystem::path& measured = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Computes normalisation and class weights from the training set and puts them into the config in
  // place of "auto".
  void resolve_auto();
  void load_weights();  // train.weights, when given

  RunConfig& config() { return config_; }
  const RunConfig& config() const { return config_; }
  Engine& engine() { return engine_; }
  Model& model() { return model_; }
  // Compiles within the budget of train.recompute; throws Error if it is too small.
  // Plans for shards of a batch that run side by side are told apart by `copy`.
  Plan& training_plan(Shape::Extent batch, std::size_t copy = 0);
  // What the user should know of the data; more may come while samples are read.
  Warnings& warnings() { return warnings_; }
  // What loaders have to check of a set's samples.
  ValueChecks value_checks(const Dataset& set) const;
  // Reads all of both sets. Throws Error naming the first value that training would refuse.
  void check_all_values();
  const Dataset& train_set() const { return sets_.train(); }  // before augmentation
  const Dataset* validation_set() const { return sets_.validation(); }
  const DataSets& sets() const { return sets_; }
  // Those of the two sets of which every label is ignored.
  const std::vector<const Dataset*>& ignored_sets() const { return ignored_sets_; }
  // The normalisation that the loaders of both sets have to apply.
  const Normalization& normalization() const { return sets_.normalization(); }
  Shape::Extent batch_size() const;  // data.batch_size, or the set's size when that is smaller
  Shape::Extent shard_size() const;  // of the largest shard of such a batch
  Shape::Extent validation_batch_size() const;
  LoaderOptions train_loader_options() const;
  std::vector<std::string> validation_columns();  // the scalars of an epoch's validation
  Evaluation evaluation() {
    return {*config_.objective, config_.metrics, model_.graph().output_shape()};
  }
  CaseEvaluation case_evaluation();  // of the validation set

 private:
  void freeze();  // what train.freeze names
  // Throws Error unless the set fits the losses; returns the label counts, one list a loss.
  // `target` is the shape after augmentation.
  LabelCounts checked_labels(const Dataset& set, const Shape& target);
  void check_label_fill();
  void measure_set();  // data.normalize over the training set

  RunConfig config_;
  Warnings warnings_;
  Engine engine_;
  DataSets sets_;
  LabelCounts label_counts_;  // of the training set, for each loss
  std::vector<const Dataset*> ignored_sets_;
  Workspace
      workspace_;  // of training and validation, which take turns, and of smaller last batches
  Model model_;
};

}  // namespace lucid
