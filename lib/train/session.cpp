#include "train/session.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/statistics/labels.h"
#include "plan/recompute_choice.h"
#include "store/checkpoint.h"
#include "train/divergence.h"

namespace lucid {
namespace {

// Throws Error(kDiverged) naming the first volume with a value that is not finite.
void check_measured(const Normalization& measured, const Dataset& set) {
  if (is_finite(measured.mean) && is_finite(measured.std)) return;
  set.walk_samples([](const std::string& place, std::size_t, std::span<const float> voxels) {
    if (!is_finite(voxels))
      throw Error(ExitCode::kDiverged,
                  place +
                      ": its volume holds values that are not finite: 'auto' of data.normalize has "
                      "nothing to measure");
  });
}

}  // namespace

Session::Session(RunConfig config, int threads, const std::filesystem::path& measured)
    : config_(std::move(config)),
      engine_(threads),
      sets_(config_, engine_.threads(), measured),
      model_(std::move(config_.graph), engine_, config_.seed) {
  model_.compute_in(config_.train.precision);
  freeze();
  label_counts_ = checked_labels(train_set(), config_.data.augmentation.target_shape(train_set()));
  check_label_fill();
  if (validation_set() != nullptr)
    checked_labels(*validation_set(), validation_set()->target_shape());
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

void Session::freeze() {
  for (Parameter& parameter : model_.parameters())
    for (const std::string& pattern : config_.train.freeze)
      if (names_parameter(pattern, parameter.name, parameter.shape.rank()))
        parameter.is_frozen = true;
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
  const auto is_zero = [](std::int64_t count) { return count == 0; };
  if (std::ranges::all_of(counts, [&](const auto& of_loss) {
        return !of_loss.empty() && std::ranges::all_of(of_loss, is_zero);
      }))
    ignored_sets_.push_back(&set);
  return counts;
}

void Session::check_label_fill() {
  if (!has_voxel_targets(train_set())) return;
  ConfigErrors errors(config_.file);
  for (const auto& range :
       config_.objective->label_ranges(output_shapes(model_.graph()), train_set().target_type()))
    if (range && errors.empty())
      config_.data.augmentation.check_labels(range->classes, range->ignore_index, errors);
  errors.throw_if_any();
}

void Session::resolve_auto() {
  NormalizeConfig& normalize = config_.data.normalize;
  if (normalize.rule && normalize.rule->per == NormalizedPer::kSet) {
    normalize.given = measure_normalization(
        *normalize.rule, static_cast<std::size_t>(train_set().sample_shape()[0]),
        [this](const VoxelVisitor& visit) { train_set().walk_samples(visit); });
    check_measured(normalize.given, train_set());
    normalize.rule.reset();
    config_.json["data"]["normalize"] = normalization_json(normalize.given);
  }
  sets_.normalize_patches();
  if (config_.objective->wants_class_weights()) {
    config_.json["loss"] =
        with_class_weights(config_.json["loss"], *config_.objective, label_counts_);
    ConfigErrors errors(config_.file);
    JsonObject root(config_.json, "", errors);
    config_.objective = read_objective(root, output_names(model_.graph()));
    errors.throw_if_any();
  }
}

void Session::load_weights() {
  if (config_.train.weights) CheckpointFile(*config_.train.weights).load_parameters(model_);
}

std::vector<std::string> Session::validation_columns() {
  return validation_set() != nullptr ? evaluation().measured().names() : std::vector<std::string>();
}

Shape::Extent Session::batch_size() const {
  return std::min(config_.data.batch_size, static_cast<std::int64_t>(train_set().size()));
}

Shape::Extent Session::validation_batch_size() const {
  return std::min(config_.data.batch_size, static_cast<std::int64_t>(validation_set()->size()));
}

LoaderOptions Session::train_loader_options() const {
  return {.batch_size = static_cast<std::size_t>(batch_size()),
          .shuffle = config_.data.shuffle,
          .drop_last = config_.data.drop_last,
          .seed = config_.seed,
          .prefetch = static_cast<std::size_t>(config_.data.prefetch),
          .workers = static_cast<std::size_t>(config_.data.workers),
          .peek = static_cast<std::size_t>(config_.train.accumulate),
          .augmentation = &config_.data.augmentation};
}

}  // namespace lucid
