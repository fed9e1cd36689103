#include "train/progress.h"

namespace lucid {
namespace {

// The integers of a Progress, by their names in the file; one list serves both directions.
struct IntegerField {
  const char* name;
  std::int64_t Progress::*field;
};
constexpr IntegerField kIntegers[] = {{"epoch", &Progress::epoch},
                                      {"step", &Progress::step},
                                      {"batch", &Progress::batch},
                                      {"samples", &Progress::samples},
                                      {"epochs_since_best", &Progress::epochs_since_best}};

std::string array_name(const OptimizerSlot& slot) {
  return "optimizer/" + slot.parameter + "/" + slot.name;
}

}  // namespace

State state_of(const Progress& progress, Optimizer& optimizer, Engine& engine,
               Parameters& parameters, std::int64_t batch_size) {
  State state;
  for (const IntegerField& field : kIntegers) state.integers[field.name] = progress.*field.field;
  state.integers["batch_size"] = batch_size;
  state.integers["has_best"] = progress.has_best ? 1 : 0;
  state.integers["optimizer_steps"] = optimizer.steps();
  state.numbers["best"] = progress.best;
  state.numbers["loss_sum"] = progress.loss_sum;
  for (const OptimizerSlot& slot : optimizer.slots())
    state.arrays[array_name(slot)] = {parameters.at(slot.parameter).shape,
                                      slot.value.plain_values(engine)};
  return state;
}

Progress restore(const CheckpointFile& checkpoint, Optimizer& optimizer, Engine& engine,
                 Parameters& parameters, std::int64_t batch_size) {
  Progress progress;
  for (const IntegerField& field : kIntegers)
    progress.*field.field = checkpoint.integer(field.name);
  progress.has_best = checkpoint.integer("has_best") != 0;
  progress.best = checkpoint.number("best");
  progress.loss_sum = checkpoint.number("loss_sum");
  const std::int64_t saved_size = checkpoint.integer("batch_size");
  if (progress.batch > 0 && saved_size != batch_size)
    throw Error(ExitCode::kUsage, checkpoint.path().string() +
                                      ": the run stands within an epoch of batches of " +
                                      std::to_string(saved_size) + ", found data.batch_size " +
                                      std::to_string(batch_size) + "; finish the epoch first");
  optimizer.set_steps(checkpoint.integer("optimizer_steps"));
  for (OptimizerSlot& slot : optimizer.slots())
    slot.value.assign(engine,
                      checkpoint.array(array_name(slot), parameters.at(slot.parameter).shape));
  return progress;
}

}  // namespace lucid
