#pragma once

#include <limits>

#include "graph/compile.h"
#include "graph/model.h"
#include "layers/table/reference_network.h"

namespace lucid::test {

// Reads a "model" object as if it stood in model.json.
Graph graph_of(const Json& model);

// A row that stands in no table: layers as JSON text, input (N, C, D, H, W).
Case case_of(const Shape& input, const std::string& layers);

inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A training plan that computes the gradient of its input, too.
inline const CompileOptions kTraining{.mode = Mode::kTrain, .input_gradient = true};

// A row as the library runs it.
class CompiledCase {
 public:
  CompiledCase(const Case& row, CompileOptions options);
  // With the numbers of the row's reference network.
  CompiledCase(const Case& row, const ReferenceNetwork& numbers, CompileOptions options);

  std::span<const float> forward();  // with the output as the plan left it, plain
  void backward();
  void backward_of_ones();

  void set(const std::string& tensor, const std::vector<float>& values);  // "input" or a parameter
  std::vector<float> value(const std::string& parameter);                 // or of a buffer
  std::vector<float> gradient(const std::string& parameter);

  Engine engine;
  Model model;
  Plan plan;
};

std::vector<float> as_floats(const Array& array);
std::vector<float> copy_of(std::span<const float> values);

}  // namespace lucid::test
