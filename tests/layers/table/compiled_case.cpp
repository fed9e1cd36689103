#include "layers/table/compiled_case.h"

#include <algorithm>

#include "graph/parse.h"

namespace lucid::test {
namespace {

CompileOptions with_batch(CompileOptions options, Shape::Extent batch) {
  options.batch = batch;
  return options;
}

}  // namespace

Graph graph_of(const Json& model) {
  ConfigErrors errors("model.json");
  JsonObject object(model, "", errors);
  return read_graph(object);
}

std::vector<float> as_floats(const Array& array) {
  return {array.values.begin(), array.values.end()};
}

Case case_of(const Shape& input, const std::string& layers) {
  const Json list = parse_json(layers, "layers");
  return {"", input.without_first(), input[0], list.get<std::vector<Json>>(), 1, {}};
}

CompiledCase::CompiledCase(const Case& row, CompileOptions options)
    : model(graph_of(model_of(row)), engine, row.seed),
      plan(compile(model.graph(), model.parameters(), engine, with_batch(options, row.batch))) {}

CompiledCase::CompiledCase(const Case& row, const ReferenceNetwork& numbers, CompileOptions options)
    : CompiledCase(row, options) {
  set("input", as_floats(numbers.input));
  for (const auto& parameter : numbers.parameters) set(parameter.name, as_floats(parameter.value));
  for (const auto& buffer : numbers.buffers) set(buffer.name, as_floats(buffer.value));
  if (options.mode == Mode::kTrain)
    std::ranges::copy(as_floats(numbers.output_gradient), plan.output_gradient().values().begin());
}

std::span<const float> CompiledCase::forward() {
  plan.forward();
  return plan.output().values();
}

void CompiledCase::backward() { plan.backward(); }

void CompiledCase::backward_of_ones() {
  std::ranges::fill(plan.output_gradient().values(), 1.F);
  plan.backward();
}

void CompiledCase::set(const std::string& tensor, const std::vector<float>& values) {
  if (tensor == "input") {
    std::ranges::copy(values, plan.input().values().begin());
    return;
  }
  model.parameters().at(tensor).value.assign(engine, values);
  model.parameters().touch();
}

std::vector<float> CompiledCase::value(const std::string& parameter) {
  return model.parameters().at(parameter).value.plain_values(engine);
}

std::vector<float> CompiledCase::gradient(const std::string& parameter) {
  return model.parameters().at(parameter).gradient.plain_values(engine);
}

std::vector<float> copy_of(std::span<const float> values) { return {values.begin(), values.end()}; }

}  // namespace lucid::test
