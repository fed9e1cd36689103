#include "layers/reference_layer.h"

namespace lucid::test {

ReferenceResult reference_relu(const ReferenceCall& call) {
  const Array& x = call.inputs[0];
  for (const double value : x.values) call.state.pattern.push_back(value > 0 ? 1 : 0);
  return {relu(x), [x](const Array& dy) { return std::vector{relu_gradient(x, dy)}; }};
}

}  // namespace lucid::test
