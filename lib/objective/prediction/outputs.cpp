#include "objective/prediction/outputs.h"

namespace lucid {

std::vector<std::string> output_names(const Graph& graph) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) names.push_back(graph.output(i).name);
  return names;
}

std::vector<Shape> output_shapes(const Graph& graph) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) shapes.push_back(graph.output(i).shape);
  return shapes;
}

std::vector<OutputValues> output_values(Plan& plan, const Graph& graph, Shape::Extent batch) {
  std::vector<OutputValues> values;
  for (std::size_t i = 0; i < plan.output_count(); ++i) {
    const Shape shape = graph.output(i).shape.with_batch(batch);
    const auto first_rows = [&](Tensor& tensor) { return tensor.values().first(shape.count()); };
    values.push_back({shape, first_rows(plan.output(i)), {}});
    if (plan.is_training()) values.back().gradient = first_rows(plan.output_gradient(i));
  }
  return values;
}

std::vector<OutputValues> outputs_of_sample(std::span<const OutputValues> batch,
                                            std::size_t index) {
  std::vector<OutputValues> sample;
  for (const OutputValues& output : batch) {
    const Shape shape = output.shape.without_first().with_batch(1);
    sample.push_back({shape, output.values.subspan(index * shape.count(), shape.count()), {}});
  }
  return sample;
}

}  // namespace lucid
