#pragma once

#include <deque>
#include <functional>
#include <string>

#include "layers/cases.h"
#include "support/reference.h"

namespace lucid::test {

// A row run by the loops of support/reference, its JSON read by this class alone. Input, parameters
// and output gradient are the row's drawn numbers until they are changed.
class ReferenceNetwork {
 public:
  struct Parameter {
    std::string name;
    Array value, gradient;
  };

  explicit ReferenceNetwork(const Case& row);
  ReferenceNetwork(const ReferenceNetwork&) = delete;
  ReferenceNetwork& operator=(const ReferenceNetwork&) = delete;

  void forward();
  void backward();  // of the last forward

  Array input, input_gradient, output, output_gradient;
  std::deque<Parameter> parameters;  // in the order of the model; references stay valid

  // Which side of every kink the last forward was on: open ReLUs and the winners of max pools.
  std::vector<std::size_t> pattern;

 private:
  using Back = std::function<Array(const Array& dy)>;

  Array run(const Json& layer, const std::string& name, const Array& x);
  Array run_conv(const Json& layer, const std::string& name, const Array& x);
  Array run_pool(const Json& layer, const Array& x);
  Array run_linear(const Json& layer, const std::string& name, const Array& x);
  Array run_relu(const Array& x);
  Array flatten(const Array& x);
  Parameter& parameter(const std::string& name, const Shape& shape);
  Parameter* bias(const Json& layer, const std::string& name, Shape::Extent count);

  const Case* row_;
  std::vector<Back> back_;
};

}  // namespace lucid::test
