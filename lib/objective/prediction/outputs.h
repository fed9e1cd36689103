#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "plan/plan.h"

namespace lucid {

// What a network computed at one of its outputs, and where the gradient goes; both plain.
struct OutputValues {
  Shape shape;  // with N
  std::span<const float> values;
  std::span<float> gradient;  // empty: not wanted
};

// Of all outputs, the main one first.
std::vector<std::string> output_names(const Graph& graph);
std::vector<Shape> output_shapes(const Graph& graph);  // without N

// The first `batch` rows of the outputs that a plan computes, with gradients where it is one for
// training. Valid as long as the plan.
std::vector<OutputValues> output_values(Plan& plan, const Graph& graph, Shape::Extent batch);

}  // namespace lucid
