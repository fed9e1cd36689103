#include "train/session/session.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "data/loader/shard.h"
#include "data/statistics/labels.h"
#include "objective/target_rules.h"
#include "plan/recompute_choice.h"
#include "store/checkpoint.h"
#include "train/session/data_warnings.h"
#include "train/session/divergence.h"
#include "train/session/measured_set.h"

namespace lucid {
namespace {

Model make_model(RunConfig& config, Engine& engine) {
  try {
    return Model(std::move(config.graph), engine, config.seed);
  } catch (const Error& error) {
    throw Error(error.code(), config.file + ": /model/layers: " + error.what());
  }
}

// Warns if the limits of a normalization leave one value of a sample that has several.
void warn_of_clipping(const std::string& file, const Normalization& given, const Dataset& set,
                      Warnings& warnings) {
  if (given.min.empty()) return;
  std::vector<float> stored(set.sample_shape().count());
  set.read_sample(0, stored);
  const auto channels = static_cast<std::size_t>(set.sample_shape()[0]);
  const std::size_t voxels = stored.size() / channels;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const auto [least, most] =
        std::ranges::minmax(std::span(stored).subspan(channel * voxels, voxels));
    const std::size_t at = given.min.size() == 1 ? 0 : channel;
    const float low = given.min[at], high = given.max[at];
    if (least < most && (most <= low || least >= high || low == high))
      warnings.add(file + ": /data/normalize: all values of " + set.sample_place(0) + ", channel " +
                   std::to_string(channel) + ", " + number_text(least) + " to " +
                   number_text(most) + ", become one by 'min' " + number_text(low) + " and 'max' " +
                   number_text(high));
  }
}

}  // namespace

Session::Session(RunConfig config, int threads, const std::filesystem::path& measured)
    : config_(std::move(config)),
      engine_(threads),
      sets_(config_, engine_.threads(), measured, warnings_),
      model_(make_model(config_, engine_)) {
  model_.compute_in(config_.train.precision);
  model_.work_in(workspace_);
  freeze();
  label_counts_ = checked_labels(train_set(), config_.data.augmentation.target_shape(train_set()));
  check_label_fill();
  LabelCounts validated;
  if (validation_set() != nullptr)
    validated = checked_labels(*validation_set(), validation_set()->target_shape());
  warn_of_labels(config_, sets_, label_counts_, validated, warnings_);
}

Plan& Session::training_plan(Shape::Extent batch, std::size_t copy) {
  try {
    return model_.plan({.mode = Mode::kTrain,
                        .batch = batch,
                        .copy = copy,
                        .precision = config_.train.precision,
                        .memory_budget = config_.train.memory_budget});
  } catch (const BudgetError& error) {
    throw Error(error.code(), config_.file + ": /train/recompute/memory_mb: " + error.what());
  } catch (const std::bad_alloc&) {
    throw Error(ExitCode::kFailed,
                config_.file + ": /data/batch_size: out of memory for a training step of " +
                    std::to_string(batch) + " samples; use smaller batches or volumes");
  }
}

void Session::freeze() {
  for (Parameter& parameter : model_.parameters())
    for (const std::string& pattern : config_.train.freeze)
      if (names_parameter(pattern, parameter.name, parameter.shape.rank()))
        parameter.is_frozen = true;
}

LabelCounts Session::checked_labels(const Dataset& set, const Shape& target) {
  const std::vector<Shape> outputs = output_shapes(model_.graph());
  try {
    config_.objective->check(outputs, target, set.target_type());
  } catch (const Error& error) {
    // Targets of voxels of another size may fit the network, but hardly do.
    const bool differs = set.target_shape().rank() >= 3 && !has_voxel_targets(set);
    throw Error(error.code(), set.target_place(0) + ": " + error.what() +
                                  (differs ? "; " + set.sample_place(0) + " is of shape " +
                                                 set.sample_shape().str()
                                           : ""));
  }
  const auto ranges = config_.objective->label_ranges(outputs, set.target_type());
  LabelCounts counts(ranges.size());
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
  if (config_.data.grid.takes_median) {
    config_.data.grid = sets_.grid();
    config_.json["data"].update(grid_json(sets_.grid()));
  }
  NormalizeConfig& normalize = config_.data.normalize;
  if (normalize.rule && normalize.rule->per == NormalizedPer::kSet) measure_set();
  // A patch may lie where all is clipped.
  if (!normalize.rule && sets_.patches().empty())
    warn_of_clipping(config_.file, normalize.given, train_set(), warnings_);
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

void Session::measure_set() {
  NormalizeConfig& normalize = config_.data.normalize;
  normalize.given = measured_set(config_, sets_);
  for (const std::string& note : normalize.given.notes)
    warnings_.add(config_.file + ": /data/normalize: " + sets_.train_name() + ", " + note);
  normalize.rule.reset();
  config_.json["data"]["normalize"] = normalization_json(normalize.given);
}

ValueChecks Session::value_checks(const Dataset& set) const {
  return {true, target_rules(*config_.objective, output_shapes(model_.graph()), set.target_type())};
}

void Session::check_all_values() {
  for (const Dataset* set : {&train_set(), validation_set()}) {
    if (set == nullptr) continue;
    walk_finite(*set, [](const std::string&, std::size_t, std::span<const float>) {});
    std::vector<float> target(set->target_shape().count());
    const std::vector<ValueRule> rules = value_checks(*set).targets;
    for (std::size_t index = 0; index < set->size() && !rules.empty(); ++index) {
      set->read_target(index, target);
      for (const ValueRule& rule : rules)
        if (find_refused(target, rule) < target.size())
          if (const auto found = set->find_refused(SamplePart::kTarget, 0, index, rule))
            refuse(*found, rule);
    }
  }
}

void Session::load_weights() {
  if (config_.train.weights) CheckpointFile(*config_.train.weights).load_parameters(model_);
}

std::vector<std::string> Session::validation_columns() {
  return validation_set() != nullptr ? evaluation().measured().names() : std::vector<std::string>();
}

CaseEvaluation Session::case_evaluation() {
  return {*config_.objective, config_.metrics, model_.graph().output_shape(),
          validation_set()->target_shape().rank() >= 3};
}

Shape::Extent Session::batch_size() const {
  return std::min(config_.data.batch_size, static_cast<std::int64_t>(train_set().size()));
}

Shape::Extent Session::shard_size() const {
  return static_cast<Shape::Extent>(lucid::shard_size(
      static_cast<std::size_t>(batch_size()), static_cast<std::size_t>(config_.train.shards)));
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
          .shards = static_cast<std::size_t>(config_.train.shards),
          .augmentation = &config_.data.augmentation,
          .checks = value_checks(train_set())};
}

}  // namespace lucid
