#pragma once

#include <memory>
#include <vector>

#include "graph/model.h"
#include "objective/evaluation.h"
#include "train/data_sets.h"

namespace lucid {

// A run's engine, model and data sets, made from its config; made means that they fit each other:
// shapes, types, label range.
class Session {
 public:
  // 0 threads: what the machine offers. `measured`: a file of the run where save_measured() keeps
  // what was measured of volumes.
  Session(RunConfig config, int threads, const std::filesystem::path& measured = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Settles what follows from the data: normalisation, class weights. Both go into the config in
  // place of "auto".
  void settle();
  void load_weights();  // train.weights, when given

  RunConfig& config() { return config_; }
  Engine& engine() { return engine_; }
  Model& model() { return model_; }
  // Compiled within train.recompute's budget. Throws Error where that is too small.
  Plan& training_plan(Shape::Extent batch);
  const Dataset& train_set() const { return sets_.train(); }  // before augmentation
  const Dataset* validation_set() const { return sets_.validation(); }
  const DataSets& sets() const { return sets_; }
  // What is left to be done to samples of both.
  const Normalization& normalization() const { return sets_.normalization(); }
  Shape::Extent batch_size() const;  // data.batch_size, or the set's size when that is smaller
  Shape::Extent validation_batch_size() const;
  std::vector<std::string> validation_columns();  // the scalars of an epoch's validation
  Evaluation evaluation() {
    return {*config_.objective, config_.metrics, model_.graph().output_shape()};
  }

 private:
  void freeze();  // what train.freeze names
  // Both that the set fits the losses; targets of the shape that training sees.
  std::vector<std::vector<std::int64_t>> checked_labels(const Dataset& set, const Shape& target);
  void check_label_fill();

  RunConfig config_;
  Engine engine_;
  DataSets sets_;
  std::vector<std::vector<std::int64_t>> label_counts_;  // of the training set, for each loss
  Model model_;
};

}  // namespace lucid
