#include "objective/outputs.h"

namespace lucid {

std::vector<std::string> output_names(const Graph& graph) { return {graph.nodes().back().name}; }

std::vector<Shape> output_shapes(const Graph& graph) { return {graph.output_shape()}; }

std::vector<OutputValues> output_values(Plan& plan, const Graph& graph, Shape::Extent batch) {
  const Shape shape = graph.output_shape().with_batch(batch);
  const auto first_rows = [&](Tensor& tensor) { return tensor.values().first(shape.count()); };
  return {{shape, first_rows(plan.output()),
           plan.output_gradient() ? first_rows(plan.output_gradient()) : std::span<float>()}};
}

}  // namespace lucid
