#include "layers/table/reference_layer.h"

namespace lucid::test {
namespace {

// Calls body(index in the whole, which part, index in it) for every value.
template <class Body>
void for_each_value(const std::vector<Array>& parts, const Body& body) {
  const auto samples = static_cast<std::size_t>(parts[0].shape[0]);
  std::size_t at = 0;
  for (std::size_t n = 0; n < samples; ++n)
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const std::size_t size = parts[part].values.size() / samples;
      for (std::size_t i = 0; i < size; ++i) body(at++, part, n * size + i);
    }
}

Shape joined(const std::vector<Array>& parts) {
  std::vector<Shape::Extent> extents = parts[0].shape.extents();
  extents[1] = 0;
  for (const Array& part : parts) extents[1] += part.shape[1];
  return Shape(extents);
}

}  // namespace

ReferenceResult reference_add(const ReferenceCall& call) {
  Array y(call.inputs[0].shape);
  for (const Array& x : call.inputs)
    for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += x.values[i];
  return {std::move(y), [inputs = call.inputs.size()](const Array& dy) {
            return std::vector<Array>(inputs, dy);
          }};
}

ReferenceResult reference_concat(const ReferenceCall& call) {
  Array y(joined(call.inputs));
  for_each_value(call.inputs, [&](std::size_t at, std::size_t part, std::size_t i) {
    y.values[at] = call.inputs[part].values[i];
  });
  return {std::move(y), [parts = call.inputs](const Array& dy) {
            std::vector<Array> dx = parts;
            for_each_value(parts, [&](std::size_t at, std::size_t part, std::size_t i) {
              dx[part].values[i] = dy.values[at];
            });
            return dx;
          }};
}

}  // namespace lucid::test
