#include "train/progress.h"

#include <cmath>

namespace lucid {
namespace {

// Maps an integer of a struct to its name in the file; one list serves saving and loading.
template <class Struct>
struct IntegerField {
  const char* name;
  std::int64_t Struct::*field;
};
constexpr IntegerField<Progress> kIntegers[] = {
    {"epoch", &Progress::epoch},
    {"step", &Progress::step},
    {"batch", &Progress::batch},
    {"samples", &Progress::samples},
    {"epochs_since_best", &Progress::epochs_since_best}};
struct NumberField {
  const char* name;
  double Progress::*field;
};
constexpr NumberField kTimes[] = {{"seconds", &Progress::seconds},
                                  {"epoch_seconds", &Progress::epoch_seconds},
                                  {"fitted_seconds", &Progress::fitted_seconds}};
constexpr IntegerField<PlateauState> kPlateauIntegers[] = {
    {"plateau_bad_epochs", &PlateauState::bad_epochs},
    {"plateau_cooldown", &PlateauState::cooldown},
    {"plateau_reductions", &PlateauState::reductions}};

// Runs without a time limit know no times: equal ones have equal checkpoints.
void add_times(State& state, const Progress& progress) {
  state.integers["fitted_epochs"] = progress.fitted_epochs;
  for (const NumberField& time : kTimes) state.numbers[time.name] = progress.*time.field;
}

void restore_times(const CheckpointFile& checkpoint, Progress& progress) {
  constexpr std::int64_t kNone = -1;
  const std::int64_t epochs = checkpoint.integer("fitted_epochs", kNone);
  if (epochs == kNone) return;
  progress.fitted_epochs = epochs;
  for (const NumberField& time : kTimes) progress.*time.field = checkpoint.number(time.name);
}

std::string array_name(const OptimizerSlot& slot) {
  return "optimizer/" + slot.parameter + "/" + slot.name;
}

std::string trained_name(const Parameter& parameter) { return "trained/" + parameter.name; }

std::string loss_sum_name(std::size_t loss, std::size_t sum) {
  return "loss_sum_" + std::to_string(loss) + "_" + std::to_string(sum);
}

std::string sum_count_name(std::size_t loss) { return "loss_sums_" + std::to_string(loss); }

void add_loss_sums(State& state, const ObjectiveSums& sums) {
  state.integers["losses"] = std::ssize(sums.of_losses);
  for (std::size_t i = 0; i < sums.of_losses.size(); ++i) {
    state.integers[sum_count_name(i)] = std::ssize(sums.of_losses[i]);
    for (std::size_t k = 0; k < sums.of_losses[i].size(); ++k)
      state.numbers[loss_sum_name(i, k)] = sums.of_losses[i][k];
  }
}

// Version 0.1.0 saved a mean. After a run of it that stopped within an epoch, the epoch's loss is
// that of the rest.
ObjectiveSums restored_loss_sums(const CheckpointFile& checkpoint) {
  ObjectiveSums sums;
  const auto losses = static_cast<std::size_t>(checkpoint.integer("losses", 0));
  for (std::size_t i = 0; i < losses; ++i) {
    std::vector<double>& of_loss = sums.of_losses.emplace_back();
    const auto count = static_cast<std::size_t>(checkpoint.integer(sum_count_name(i)));
    for (std::size_t k = 0; k < count; ++k)
      of_loss.push_back(checkpoint.number(loss_sum_name(i, k)));
  }
  return sums;
}

void add_averages(State& state, const Learner& learner) {
  const std::int64_t updates = learner.ema ? learner.ema->updates() : 0;
  state.integers["ema_updates"] = updates;
  if (updates == 0) return;
  std::size_t at = 0;
  for (const Parameter& parameter : learner.model.parameters())
    if (parameter.is_trained())
      state.arrays[trained_name(parameter)] = {
          parameter.shape, learner.ema->kept()[at++].plain_values(learner.model.engine())};
}

// A run may be resumed with averages although it began without them, and the other way round.
void restore_averages(const CheckpointFile& checkpoint, const Learner& learner) {
  const std::int64_t updates = checkpoint.integer("ema_updates", 0);
  if (updates == 0) return;
  Engine& engine = learner.model.engine();
  Parameters& parameters = learner.model.parameters();
  if (learner.ema) learner.ema->restore(engine, parameters, updates);
  for (Parameter& parameter : parameters)
    if (const std::string name = trained_name(parameter); checkpoint.has_array(name))
      parameter.value.assign(engine, checkpoint.array(name, parameter.shape));
  parameters.touch();
}

PlateauState restored_plateau(const CheckpointFile& checkpoint) {
  PlateauState plateau;
  for (const auto& field : kPlateauIntegers)
    plateau.*field.field = checkpoint.integer(field.name, 0);
  plateau.has_best = checkpoint.integer("plateau_has_best", 0) != 0;
  if (plateau.has_best) plateau.best = checkpoint.number("plateau_best");
  return plateau;
}

}  // namespace

bool note_value(Progress& progress, double value, const TrainConfig& config) {
  if (std::isnan(value)) return false;
  const double margin = config.early_stopping ? config.early_stopping->min_delta : 0;
  const double gain = config.higher_is_better ? value - progress.best : progress.best - value;
  const bool is_best = !progress.has_best || gain > margin;
  if (is_best) {
    progress.has_best = true;
    progress.best = value;
  }
  progress.epochs_since_best = is_best ? 0 : progress.epochs_since_best + 1;
  return is_best;
}

void begin_next_epoch(Progress& progress) {
  ++progress.epoch;
  progress.batch = progress.samples = 0;
  progress.loss_sums.clear();
}

State state_of(const Progress& progress, const Learner& learner) {
  State state;
  for (const auto& field : kIntegers) state.integers[field.name] = progress.*field.field;
  for (const auto& field : kPlateauIntegers)
    state.integers[field.name] = progress.plateau.*field.field;
  state.integers["batch_size"] = learner.batch_size;
  state.integers["has_best"] = progress.has_best ? 1 : 0;
  state.integers["plateau_has_best"] = progress.plateau.has_best ? 1 : 0;
  state.integers["optimizer_steps"] = learner.optimizer.steps();
  if (progress.seconds > 0) add_times(state, progress);
  state.numbers["best"] = progress.best;
  state.numbers["plateau_best"] = progress.plateau.best;
  add_loss_sums(state, progress.loss_sums);
  for (const OptimizerSlot& slot : learner.optimizer.slots())
    state.arrays[array_name(slot)] = {learner.model.parameters().at(slot.parameter).shape,
                                      slot.value.plain_values(learner.model.engine())};
  add_averages(state, learner);
  return state;
}

Progress position_of(const CheckpointFile& checkpoint) {
  Progress progress;
  for (const auto& field : kIntegers) progress.*field.field = checkpoint.integer(field.name);
  progress.has_best = checkpoint.integer("has_best") != 0;
  progress.best = checkpoint.number("best");
  progress.loss_sums = restored_loss_sums(checkpoint);
  progress.plateau = restored_plateau(checkpoint);
  restore_times(checkpoint, progress);
  return progress;
}

Progress restore(const CheckpointFile& checkpoint, const Learner& learner) {
  Progress progress = position_of(checkpoint);
  learner.optimizer.set_steps(checkpoint.integer("optimizer_steps"));
  for (OptimizerSlot& slot : learner.optimizer.slots())
    slot.value.assign(
        learner.model.engine(),
        checkpoint.array(array_name(slot), learner.model.parameters().at(slot.parameter).shape));
  restore_averages(checkpoint, learner);
  return progress;
}

}  // namespace lucid
