#include "train/session.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/centre_crop.h"
#include "data/labels.h"
#include "plan/recompute_choice.h"
#include "store/checkpoint.h"
#include "train/divergence.h"

namespace lucid {
namespace {

// Throws Error(kDiverged) naming the first sample that left nothing to measure.
void check_measured(const Normalization& measured, const Dataset& set) {
  if (is_finite(measured.mean) && is_finite(measured.std)) return;
  std::vector<float> sample(set.sample_shape().count());
  std::size_t i = 0;
  for (; i + 1 < set.size(); ++i) {
    set.read_sample(i, sample);
    if (!is_finite(sample)) break;
  }
  throw Error(ExitCode::kDiverged,
              set.target_place(i) +
                  ": its volume holds values that are not finite: 'auto' of data.normalize has "
                  "nothing to measure");
}

}  // namespace

Session::Session(RunConfig config, int threads)
    : config_(std::move(config)),
      engine_(threads),
      train_set_(open_train()),
      validation_set_(open_validation()),
      model_(std::move(config_.graph), engine_, config_.seed) {
  model_.compute_in(config_.train.precision);
  freeze();
  check_drop_last();
  label_counts_ = checked_labels(*train_set_, config_.data.augmentation.target_shape(*train_set_));
  check_label_fill();
  if (validation_set_) checked_labels(*validation_set_, validation_set_->target_shape());
}

Plan& Session::training_plan(Shape::Extent batch) {
  try {
    return model_.plan({.mode = Mode::kTrain,
                        .batch = batch,
                        .precision = config_.train.precision,
                        .memory_budget = config_.train.memory_budget});
  } catch (const BudgetError& error) {
    throw Error(error.code(), config_.file + ": /train/recompute/memory_mb: " + error.what());
  }
}

std::unique_ptr<Dataset> Session::open(const VolumesConfig& volumes) const {
  const std::vector<std::filesystem::path> files(volumes.files.begin(), volumes.files.end());
  const std::size_t cache_bytes = static_cast<std::size_t>(config_.data.cache_mb) << 20;
  return open_volumes(volumes, files, cache_bytes);
}

std::unique_ptr<Dataset> Session::open_train() const {
  std::unique_ptr<Dataset> set = open(config_.data.train);
  Problems problems(config_.file);
  config_.data.augmentation.check(*set, problems);
  problems.throw_if_any();
  check_shape("train", config_.data.augmentation.sample_shape(*set), config_.data.train);
  return set;
}

// What a crop makes of the training set is cut from the middle here.
std::unique_ptr<Dataset> Session::open_validation() const {
  if (!config_.data.validation) return nullptr;
  std::unique_ptr<Dataset> set = open(*config_.data.validation);
  const Shape found = set->sample_shape(), &wanted = config_.graph.input_shape();
  bool is_larger = config_.data.augmentation.crops() && found[0] == wanted[0];
  for (std::size_t axis = 1; axis < 4; ++axis) is_larger = is_larger && found[axis] >= wanted[axis];
  if (is_larger) set = centre_cropped(std::move(set), {wanted[1], wanted[2], wanted[3]});
  check_shape("validation", set->sample_shape(), *config_.data.validation);
  return set;
}

void Session::check_shape(const char* name, const Shape& found,
                          const VolumesConfig& volumes) const {
  if (found == config_.graph.input_shape()) return;
  const bool is_cropped = config_.data.augmentation.crops() && std::string_view(name) == "train";
  throw Error(ExitCode::kData,
              config_.file + ": /data/" + name + ": expected samples of " +
                  config_.graph.input_shape().str() + " (C, D, H, W), the model's input, found " +
                  found.str() +
                  (is_cropped ? " behind RandomCrop; set its size to model.input.size"
                              : " in " + volumes.files.front() +
                                    "; set model.input to the shape of the data"));
}

void Session::freeze() {
  for (Parameter& parameter : model_.parameters())
    for (const std::string& pattern : config_.train.freeze)
      if (names_parameter(pattern, parameter.name, parameter.shape.rank()))
        parameter.is_frozen = true;
}

void Session::check_drop_last() const {
  const auto samples = static_cast<std::int64_t>(train_set_->size());
  if (!config_.data.drop_last || samples >= config_.data.batch_size) return;
  throw Error(ExitCode::kUsage,
              config_.file + ": /data/drop_last: expected at least one whole batch of " +
                  std::to_string(config_.data.batch_size) + ", found " + std::to_string(samples) +
                  " samples; lower batch_size or drop no batch");
}

std::vector<std::vector<std::int64_t>> Session::checked_labels(const Dataset& set,
                                                               const Shape& target) {
  const std::vector<Shape> outputs = output_shapes(model_.graph());
  try {
    config_.objective->check(outputs, target, set.target_type());
  } catch (const Error& error) {
    throw Error(error.code(), set.target_place(0) + ": " + error.what());
  }
  const auto ranges = config_.objective->label_ranges(outputs, set.target_type());
  std::vector<std::vector<std::int64_t>> counts(ranges.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto same =
        static_cast<std::size_t>(std::ranges::find(ranges, ranges[i]) - ranges.begin());
    if (same < i)
      counts[i] = counts[same];
    else if (ranges[i])
      counts[i] = count_labels(set, ranges[i]->classes, ranges[i]->ignore_index);
  }
  return counts;
}

void Session::check_label_fill() {
  if (!has_voxel_targets(*train_set_)) return;
  Problems problems(config_.file);
  for (const auto& range :
       config_.objective->label_ranges(output_shapes(model_.graph()), train_set_->target_type()))
    if (range && problems.empty())
      config_.data.augmentation.check_labels(range->classes, range->ignore_index, problems);
  problems.throw_if_any();
}

void Session::settle() {
  if (config_.data.normalize_auto) {
    config_.data.normalization = measure_normalization(*train_set_);
    check_measured(config_.data.normalization, *train_set_);
    config_.data.normalize_auto = false;
    config_.json["data"]["normalize"] = normalization_json(config_.data.normalization);
  }
  if (config_.objective->wants_class_weights()) {
    config_.json["loss"] =
        with_class_weights(config_.json["loss"], *config_.objective, label_counts_);
    Problems problems(config_.file);
    JsonObject root(config_.json, "", problems);
    config_.objective = read_objective(root, output_names(model_.graph()));
    problems.throw_if_any();
  }
}

void Session::load_weights() {
  if (config_.train.weights) CheckpointFile(*config_.train.weights).load_parameters(model_);
}

std::vector<std::string> Session::validation_columns() {
  return validation_set_ ? evaluation().measured().names() : std::vector<std::string>();
}

Shape::Extent Session::batch_size() const {
  return std::min(config_.data.batch_size, static_cast<std::int64_t>(train_set_->size()));
}

Shape::Extent Session::validation_batch_size() const {
  return std::min(config_.data.batch_size, static_cast<std::int64_t>(validation_set_->size()));
}

}  // namespace lucid
