#pragma once

#include <map>

#include "layers/table/reference_layer.h"

namespace lucid::test {

// A row run by the loops of support/reference. Input, parameters and output gradient are the row's
// drawn numbers until they are changed.
class ReferenceNetwork : private ReferenceState {
 public:
  using Parameter = ReferenceParameter;

  explicit ReferenceNetwork(const Case& of) : ReferenceNetwork(of, Mode::kTrain) {}
  ReferenceNetwork(const Case& of, Mode in);  // inference has no way back
  ReferenceNetwork(const ReferenceNetwork&) = delete;
  ReferenceNetwork& operator=(const ReferenceNetwork&) = delete;

  void forward();
  void backward();  // of the last forward

  Array input, input_gradient, output, output_gradient;
  using ReferenceState::buffers;
  using ReferenceState::depends_on_mode;
  using ReferenceState::is_curved;
  using ReferenceState::parameters;
  using ReferenceState::pattern;

 private:
  struct Node {
    std::string name;
    std::vector<std::string> inputs;
    ReferenceBack back;
  };

  std::vector<Node> nodes_;
};

}  // namespace lucid::test
