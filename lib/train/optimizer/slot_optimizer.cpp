#include "train/optimizer/slot_optimizer.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>

#include "tensor/parallel.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 16384;  // elements

// Returns 1 plus the index of the first group that names the parameter, 0 if none does.
std::size_t group_of(const Parameter& parameter, const std::vector<ParameterGroup>& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (const std::string& pattern : groups[i].patterns)
      if (names_parameter(pattern, parameter.name, parameter.shape.rank())) return i + 1;
  return 0;
}

}  // namespace

void refuse_switches(JsonObject& object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (object.has(key)) object.only(key, false);
}

void SlotOptimizer::prepare(Engine& engine, Parameters& parameters) {
  slots_.clear();
  group_of_.clear();
  for (const Parameter& parameter : parameters) {
    if (!parameter.is_trained()) continue;
    group_of_.push_back(group_of(parameter, groups_));
    for (const std::string& name : slot_names_)
      slots_.push_back({parameter.name, name, Tensor(engine, parameter.value.layout())});
  }
}

void SlotOptimizer::step(Parameters& parameters, const StepRates& rates) {
  assert(rates.learning_rates.size() == groups_.size() + 1);
  ++steps_;
  for (std::size_t group = 0; group <= groups_.size(); ++group) {
    const double weight_decay =
        group == 0 ? weight_decay_ : groups_[group - 1].weight_decay.value_or(weight_decay_);
    begin_group({steps_, rates.learning_rates[group], weight_decay, rates.momentum});
    step_group(parameters, group);
  }
  parameters.touch();
}

void SlotOptimizer::step_group(Parameters& parameters, std::size_t group) {
  runs_.clear();
  std::size_t at = 0;  // among the trained parameters
  for (Parameter& parameter : parameters) {
    if (!parameter.is_trained()) continue;
    if (parameter.gradient && group_of_.at(at) == group)
      add_runs(parameter, std::span(slots_).subspan(at * slot_names_.size(), slot_names_.size()));
    ++at;
  }
  const Run* runs = runs_.data();
  parallel_for(static_cast<std::int64_t>(runs_.size()), [&](std::int64_t i) { update(runs[i]); });
}

void SlotOptimizer::add_runs(Parameter& parameter, std::span<OptimizerSlot> slots) {
  assert(parameter.gradient.layout() == parameter.value.layout());
  const std::span<float> value = parameter.value.values();
  const auto count = static_cast<std::int64_t>(value.size());
  for (std::int64_t begin = 0; begin < count; begin += kBlock) {
    Run run{.value = value.data() + begin,
            .gradient = parameter.gradient.values().data() + begin,
            .slot = {},
            .count = std::min(kBlock, count - begin)};
    for (std::size_t i = 0; i < slots.size(); ++i)
      run.slot[i] = slots[i].value.values().data() + begin;
    runs_.push_back(run);
  }
}

}  // namespace lucid
