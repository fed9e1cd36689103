#include "train/run/drawn_run.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "graph/model.h"
#include "graph/parse.h"
#include "layers/table/cases.h"
#include "objective/objective.h"
#include "support/from_text.h"
#include "train/optimizer/optimizer.h"

namespace lucid::test {
namespace {

constexpr std::uint64_t kBatchSeed = 7, kWeightSeed = 3;

std::vector<float> floats_drawn(std::uint64_t stream, std::size_t count) {
  return drawn(kBatchSeed, stream, count, 1);
}

void set_weights(Model& model) {
  std::vector<Parameter*> trained;
  for (Parameter& parameter : model.parameters())
    if (parameter.is_trained()) trained.push_back(&parameter);
  std::ranges::sort(trained, {}, &Parameter::name);
  for (std::size_t i = 0; i < trained.size(); ++i) {
    const Shape& shape = trained[i]->shape;
    const bool is_vector = shape.rank() == 1;
    const auto fan = static_cast<std::size_t>(is_vector ? 16 : shape.elements() / shape[0]);
    std::vector<float> values = drawn(kWeightSeed, i, shape.count(), fan);
    if (is_vector && trained[i]->name.ends_with("/weight"))
      for (float& value : values) value += 1;
    trained[i]->value.assign(model.engine(), values);
  }
}

std::vector<float> targets_of(const Json& config, const Shape& prediction, std::uint64_t stream) {
  if (config["loss"].is_object() && config["loss"]["type"] == "MSELoss")
    return floats_drawn(stream, prediction.count());
  const auto classes = static_cast<std::size_t>(prediction[1]);
  std::vector<float> labels = floats_drawn(stream, prediction.count() / classes);
  for (float& label : labels) label = std::floor((label + 1) / 2 * static_cast<float>(classes));
  return labels;
}

}  // namespace

DrawnRun drawn_run(const Json& config, std::int64_t batch, std::size_t steps) {
  Engine engine(2);
  Model model(from_json(config["model"], "/model", read_graph), engine, 0);
  const auto objective = from_json(config, "", [&](JsonObject& root) {
    return read_objective(root, output_names(model.graph()));
  });
  OptimizerConfig optimizer = from_json(config["optimizer"], "/optimizer", make_optimizer);
  Plan& plan = model.plan(Mode::kTrain, batch);
  set_weights(model);
  optimizer.optimizer->prepare(engine, model.parameters());
  DrawnRun run;
  for (std::uint64_t step = 0; step < steps; ++step) {
    const auto input = plan.input().values();
    std::ranges::copy(floats_drawn(2 * step, input.size()), input.begin());
    plan.forward();
    const auto outputs = output_values(plan, model.graph(), batch);
    if (step == 0)
      for (const auto& output : outputs)
        run.outputs.emplace_back(output.values.begin(), output.values.end());
    run.losses.push_back(
        objective->evaluate(outputs, targets_of(config, outputs[0].shape, 2 * step + 1)));
    plan.backward();
    optimizer.optimizer->step(model.parameters(),
                              optimizer.optimizer->constant_rates(optimizer.learning_rate));
  }
  return run;
}

double worst_relative(const std::vector<double>& found, const std::vector<double>& expected) {
  double worst = found.size() == expected.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(found[i] - expected[i]) / std::abs(expected[i]));
  return worst;
}

}  // namespace lucid::test
