#include "bench/workload.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/stopwatch.h"
#include "graph/node_roles.h"
#include "graph/parse.h"
#include "graph/ranges.h"

namespace lucid {
namespace {

// Returns random classes, or zeros and ones in the shape of the prediction.
std::vector<float> random_targets(const Objective& objective, const Graph& graph,
                                  std::int64_t batch, Rng& rng) {
  const Shape prediction = graph.output_shape().with_batch(batch);
  const auto classes = objective.main().class_targets(graph.output_shape());
  std::vector<float> targets(classes ? prediction.count() / static_cast<std::size_t>(prediction[1])
                                     : prediction.count());
  for (float& target : targets)
    target =
        static_cast<float>(rng.below(classes ? static_cast<std::uint64_t>(classes->classes) : 2));
  return targets;
}

}  // namespace

BenchConfig read_bench_config(const std::filesystem::path& file) {
  const Json json = read_json_file(file);
  ConfigErrors errors(file.string());
  JsonObject root(json, "", errors);
  auto model = root.object("model", true), data = root.object("data", false),
       optimizer = root.object("optimizer", true);
  errors.throw_if_any();
  Graph graph = read_graph(*model);
  auto objective = read_objective(root, output_names(graph));
  OptimizerConfig made = make_optimizer(*optimizer);
  const std::int64_t batch = data ? data->integer("batch_size", {1, 1 << 24}, 1) : 1;
  errors.throw_if_any();
  return {std::move(graph), std::move(objective), std::move(made), batch, {}, {}};
}

double product_flops(const Graph& graph, Mode mode, std::int64_t batch) {
  double total = 0;
  const std::vector<NodeRole> roles =
      node_roles(graph, {.mode = mode, .main_output_only = mode == Mode::kInfer});
  std::vector<bool> needs_gradient;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const Node& node = graph.nodes()[i];
    bool input_needs = false, is_trained = false;
    for (const int input : node.inputs)
      if (input != Node::kNetworkInput && needs_gradient[static_cast<std::size_t>(input)])
        input_needs = true;
    for (const ParameterSpec& spec : graph.parameters(node))
      if (!spec.is_buffer) is_trained = true;
    needs_gradient.push_back(input_needs || is_trained);
    const double products = roles[i].is_needed ? graph.cost(node).multiply_adds : 0;
    const int directions = mode == Mode::kInfer ? 1 : input_needs ? 3 : 2;
    total += 2 * products * directions;
  }
  return total * static_cast<double>(batch);
}

Workload::Workload(BenchConfig config, Engine& engine, Mode mode)
    : objective_(std::move(config.objective)),
      optimizer_(std::move(config.optimizer)),
      batch_(config.batch_size),
      model_(std::move(config.graph), engine, 0),
      plan_(nullptr) {
  const CompileOptions options{
      .mode = mode,
      .batch = batch_,
      .routes = config.routes,
      .main_output_only = mode == Mode::kInfer,
      .precision = config.precision,
      .memory_budget = mode == Mode::kTrain ? config.memory_budget : std::nullopt};
  plan_ = &model_.plan(options);
  Rng rng(0, "bench");
  for (float& value : plan_->input().values()) value = static_cast<float>(rng.normal());
  if (config.precision == Precision::kInt8) round_to_bytes(options);
  if (mode == Mode::kInfer) return;
  optimizer_.optimizer->prepare(engine, model_.parameters());
  rates_ = optimizer_.optimizer->constant_rates(optimizer_.learning_rate);
  targets_ = random_targets(*objective_, model_.graph(), batch_, rng);
}

// Takes the ranges of the random volumes: no time depends on them.
void Workload::round_to_bytes(CompileOptions options) {
  ByteRanges ranges(model_.graph(), options);
  ranges.add(*plan_);
  ranges.end_first_round();
  ranges.add(*plan_);
  options.quantization = ranges.quantization(ranges.candidates());
  const std::vector<float> input(plan_->input().values().begin(), plan_->input().values().end());
  model_.forget_plans();
  plan_ = &model_.plan(options);
  std::ranges::copy(input, plan_->input().values().begin());
}

StepParts Workload::step(const Plan::Completed& completed) {
  StepParts parts;
  plan_->forward();
  if (!plan_->is_training()) return parts;
  Stopwatch watch;
  objective_->evaluate(output_values(*plan_, model_.graph(), batch_), targets_);
  parts.loss = watch.seconds();
  plan_->backward(completed);
  watch.restart();
  optimizer_.optimizer->step(model_.parameters(), rates_);
  parts.update = watch.seconds();
  return parts;
}

Traffic Workload::loss_traffic() {
  Traffic traffic{.read = targets_.size() * sizeof(float)};
  for (std::size_t i = 0; i < plan_->output_count(); ++i) {
    traffic.read += plan_->output(i).bytes();
    traffic.written += plan_->output_gradient(i).bytes();
  }
  return traffic;
}

Traffic Workload::optimizer_traffic() {
  std::size_t bytes = 0;
  for (const Parameter& parameter : model_.parameters())
    if (parameter.gradient) bytes += 2 * parameter.value.bytes() + parameter.gradient.bytes();
  for (const OptimizerSlot& slot : optimizer_.optimizer->slots()) bytes += 2 * slot.value.bytes();
  return {.read = bytes};
}

}  // namespace lucid
