#include "train/measure/summary.h"

#include <algorithm>
#include <cstdio>

#include "base/machine/resident.h"
#include "base/table.h"
#include "base/text.h"
#include "data/loader/shard.h"
#include "train/step/gradient_sum.h"

namespace lucid {
namespace {

std::string mega(double count) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", count * 1e-6);
  return text;
}

std::size_t batches_of_step(const Session& session) {
  const auto batch = static_cast<std::size_t>(session.batch_size());
  const std::size_t batches = (session.train_set().size() + batch - 1) / batch;
  return std::min(static_cast<std::size_t>(session.config().train.accumulate), batches);
}

// The average of values and each level of the sum of gradients take a copy of every trained
// parameter.
std::size_t gradient_copies(const Session& session) {
  const TrainConfig& config = session.config().train;
  const auto shards = static_cast<std::size_t>(std::min(config.shards, session.batch_size()));
  return GradientSum::levels(batches_of_step(session) * shards) + (config.ema_decay ? 1U : 0U);
}

// Adds what parameters, gradients and the optimizer's state take, and a checkpoint of them.
void add_parameters(Session& session, StepMemory& memory) {
  const Parameters& parameters = session.model().parameters();
  std::size_t value_bytes = 0;
  for (const Parameter& parameter : parameters) {
    value_bytes += parameter.value.bytes();
    memory.parameter_bytes +=
        parameter.value.bytes() + (1 + gradient_copies(session)) * parameter.gradient.bytes();
  }
  // The values are already resident, and are counted with the parameters.
  memory.program_bytes -= std::min(memory.program_bytes, value_bytes);
  const std::size_t averages = session.config().train.ema_decay ? value_bytes : 0;
  memory.checkpoint_bytes = StepMemory::kCheckpointCopies * (value_bytes + averages);
  for (const OptimizerSlot& slot : session.config().optimizer->slots()) {
    memory.parameter_bytes += slot.value.bytes();
    memory.checkpoint_bytes += StepMemory::kCheckpointCopies * slot.value.bytes();
  }
}

}  // namespace

std::string layer_table(const Graph& graph) {
  Table table({"layer", "type", "output", "parameters", "MFLOP"});
  table.add({"input", "", graph.input_shape().str(), "", ""});
  std::int64_t parameters = 0;
  double flops = 0;
  for (const Node& node : graph.nodes()) {
    std::int64_t own = 0;
    for (const ParameterSpec& spec : graph.parameters(node))
      own += spec.is_buffer ? 0 : spec.shape.elements();
    const double own_flops = graph.cost(node).flops;
    table.add({node.name, node.type, node.shape.str(), with_thousands(own), mega(own_flops)});
    parameters += own;
    flops += own_flops;
  }
  table.add({"total", "", "", with_thousands(parameters), mega(flops)});
  return table.text();
}

StepMemory step_memory(Session& session) {
  Model& model = session.model();
  const Plan& plan = session.training_plan(session.shard_size());
  // Shards whose norms synchronize run side by side, each in a plan of its own.
  const std::size_t plans =
      plan.synchronizations(Plan::Direction::kForward) > 0
          ? shard_count(static_cast<std::size_t>(session.batch_size()),
                        static_cast<std::size_t>(session.config().train.shards))
          : 1;
  session.config().optimizer->prepare(session.engine(), model.parameters());
  StepMemory memory{.plan_bytes = plans * plan.memory_bytes(),
                    .cache_bytes = session.sets().cache_bytes(),
                    .program_bytes = resident_bytes()};
  if (session.validation_set() != nullptr) {
    const Plan& validating = model.plan(Mode::kInfer, session.validation_batch_size());
    memory.validation_bytes =
        validating.memory_bytes() -
        (validating.arena_bytes() <= plan.arena_bytes() ? validating.arena_bytes() : 0);
  }
  add_parameters(session, memory);
  const std::size_t sample_bytes =
      (model.graph().input_shape().count() +
       session.config().data.augmentation.target_shape(session.train_set()).count()) *
      sizeof(float);
  const std::size_t ahead = static_cast<std::size_t>(
      std::max(session.config().data.prefetch, session.config().data.workers));
  // The batches of a step are in memory together.
  memory.loader_bytes = (ahead + batches_of_step(session)) *
                        static_cast<std::size_t>(session.batch_size()) * sample_bytes;
  return memory;
}

std::string recomputed_line(Session& session) {
  std::vector<std::string> layers;
  double forward = 0, again = 0;
  for (const StepReport& step : session.training_plan(session.shard_size()).report()) {
    if (!step.is_backward) forward += step.flops;
    if (!step.is_recomputed) continue;
    again += step.flops;
    if (std::ranges::find(layers, step.node) == layers.end()) layers.push_back(step.node);
  }
  if (layers.empty()) return "";
  return "recomputed in the backward pass: " + join(layers, ", ") + " (" +
         fixed_text(forward > 0 ? again / forward * 100 : 0, 1) +
         "% of the forward pass's FLOPs)\n";
}

}  // namespace lucid
