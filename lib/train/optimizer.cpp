#include "train/optimizer.h"

#include <array>
#include <cassert>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/catalogue.h"
#include "tensor/parallel.h"
#include "train/optimizer_kinds.h"

namespace lucid {
namespace {

constexpr std::int64_t kBlock = 16384;  // elements

using MakeOptimizer = OptimizerConfig (*)(JsonObject&);

template <std::unique_ptr<Optimizer> (*make)(JsonObject&)>
OptimizerConfig with_rate(JsonObject& object) {
  const double learning_rate = object.number("lr", {.low = 0});
  return {make(object), learning_rate};
}

constexpr std::array kOptimizers = {
    Named<MakeOptimizer>{"Adam", with_rate<make_adam>},
    Named<MakeOptimizer>{"AdamW", with_rate<make_adam_w>},
    Named<MakeOptimizer>{"SGD", with_rate<make_sgd>},
};

// In lanes, which add independently of each other, so that the compiler may use vectors.
double sum_of_squares(std::span<const float> values) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> lanes{};
  const std::size_t whole = values.size() - values.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k)
      lanes[k] += static_cast<double>(values[i + k]) * static_cast<double>(values[i + k]);
  for (std::size_t i = whole; i < values.size(); ++i)
    lanes[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

std::span<float> gradient_values(Parameter& parameter) {
  return parameter.gradient ? parameter.gradient.values() : std::span<float>();
}

double joint_norm(Parameters& parameters) {
  double sum = 0;
  for (Parameter& parameter : parameters) {
    const std::span<const float> all = gradient_values(parameter);
    sum += parallel_sum(
        static_cast<std::int64_t>(all.size()), kBlock, [&](std::int64_t begin, std::int64_t end) {
          return sum_of_squares(
              all.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
        });
  }
  return std::sqrt(sum);
}

}  // namespace

OptimizerConfig make_optimizer(JsonObject& object) {
  return make_named(kOptimizers, "optimizer", object);
}

double clip_gradients(Parameters& parameters, double max_norm) {
  const double norm = joint_norm(parameters);
  if (std::isinf(max_norm)) return norm;
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return norm;
  for (Parameter& parameter : parameters) {
    const std::span<float> all = gradient_values(parameter);
    parallel_blocks(static_cast<std::int64_t>(all.size()), kBlock,
                    [&](std::int64_t begin, std::int64_t end) {
                      for (std::int64_t i = begin; i < end; ++i)
                        all[static_cast<std::size_t>(i)] *= static_cast<float>(factor);
                    });
  }
  return norm;
}

void refuse_switches(JsonObject& object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (object.has(key)) object.only(key, false);
}

void SlotOptimizer::prepare(Engine& engine, Parameters& parameters) {
  slots_.clear();
  for (const Parameter& parameter : parameters)
    if (parameter.is_trained())
      for (const std::string& name : slot_names_)
        slots_.push_back({parameter.name, name, Tensor(engine, parameter.value.layout())});
}

void SlotOptimizer::step(Parameters& parameters, double learning_rate) {
  begin_step(++steps_, learning_rate);
  std::size_t next = 0;
  for (Parameter& parameter : parameters) {
    if (!parameter.is_trained()) continue;
    if (parameter.gradient)
      update_parameter(parameter, std::span(slots_).subspan(next, slot_names_.size()));
    next += slot_names_.size();
  }
  parameters.touch();
}

void SlotOptimizer::update_parameter(Parameter& parameter, std::span<OptimizerSlot> slots) {
  assert(parameter.gradient.layout() == parameter.value.layout());
  Run all{.value = parameter.value.values().data(),
          .gradient = parameter.gradient.values().data(),
          .slot = {},
          .count = static_cast<std::int64_t>(parameter.value.values().size())};
  for (std::size_t i = 0; i < slots.size(); ++i) all.slot[i] = slots[i].value.values().data();
  parallel_blocks(all.count, kBlock, [&](std::int64_t begin, std::int64_t end) {
    Run run{all.value + begin, all.gradient + begin, {}, end - begin};
    for (std::size_t i = 0; i < slots.size(); ++i) run.slot[i] = all.slot[i] + begin;
    update(run);
  });
}

}  // namespace lucid
