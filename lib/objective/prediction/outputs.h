#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "plan/plan.h"

namespace lucid {

// The values of one output of a network and the place for their gradient, both in plain layout.
struct OutputValues {
  Shape shape;  // with N
  std::span<const float> values;
  std::span<float> gradient;  // empty: not needed
};

// The names and shapes of all outputs, the main one first.
std::vector<std::string> output_names(const Graph& graph);
std::vector<Shape> output_shapes(const Graph& graph);  // without N

// Returns the first `batch` samples of the outputs of a plan, with gradients if it is a training
// plan. The spans are valid as long as the plan.
std::vector<OutputValues> output_values(Plan& plan, const Graph& graph, Shape::Extent batch);

// Returns the values of one sample of a batch, as a batch of its own without gradients.
std::vector<OutputValues> outputs_of_sample(std::span<const OutputValues> batch, std::size_t index);

}  // namespace lucid
