#include "graph/receptive_field.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace lucid {
namespace {

// The same relation holds between a node's output and the network's input.
using Field = LayerReceptiveField;

Field composed(const Field& input, const LayerReceptiveField& layer) {
  const std::int64_t stride = input.stride * layer.stride, scale = input.scale * layer.scale;
  const std::int64_t common = std::gcd(stride, scale);
  const double step = static_cast<double>(input.stride) / static_cast<double>(input.scale);
  return {stride / common, scale / common, input.low + step * layer.low,
          input.high + step * layer.high};
}

// Marks the nodes on which the main output depends.
std::vector<bool> needed_nodes(const Graph& graph) {
  std::vector<bool> is_needed(graph.nodes().size(), false);
  is_needed[static_cast<std::size_t>(graph.outputs().front())] = true;
  for (std::size_t i = is_needed.size(); i-- > 0;)
    for (const int input : graph.nodes()[i].inputs)
      if (is_needed[i] && input != Node::kNetworkInput)
        is_needed[static_cast<std::size_t>(input)] = true;
  return is_needed;
}

AxisField axis_field(const Graph& graph, const std::vector<bool>& is_needed, std::size_t axis) {
  std::vector<Field> fields(graph.nodes().size());
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!is_needed[i]) continue;
    const Node& node = graph.nodes()[i];
    const auto layer = node.layer->receptive_field(axis).value_or(LayerReceptiveField{});
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const int input = node.inputs[k];
      const Field from = composed(
          input == Node::kNetworkInput ? Field{} : fields[static_cast<std::size_t>(input)], layer);
      if (k == 0) fields[i] = from;
      fields[i].low = std::min(fields[i].low, from.low);
      fields[i].high = std::max(fields[i].high, from.high);
    }
    stride = std::lcm(stride, fields[i].stride);
  }
  const Field& last = fields[static_cast<std::size_t>(graph.outputs().front())];
  const auto voxels = [](double distance) {
    return static_cast<std::int64_t>(std::ceil(std::max(0.0, distance)));
  };
  return {voxels(-last.low), voxels(last.high), stride};
}

}  // namespace

ReceptiveField receptive_field(const Graph& graph) {
  const std::vector<bool> is_needed = needed_nodes(graph);
  ReceptiveField field;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    field.axes[axis] = axis_field(graph, is_needed, axis);
    for (std::size_t i = 0; i < is_needed.size() && field.unlimited.empty(); ++i)
      if (const Node& node = graph.nodes()[i]; is_needed[i] && !node.layer->receptive_field(axis))
        field.unlimited = in_quotes(node.name) + " (" + node.type + ")";
  }
  return field;
}

ReceptiveField joined(const ReceptiveField& a, const ReceptiveField& b) {
  ReceptiveField both = a;
  for (std::size_t axis = 0; axis < 3; ++axis)
    both.axes[axis] = {std::max(a.axes[axis].before, b.axes[axis].before),
                       std::max(a.axes[axis].behind, b.axes[axis].behind),
                       std::lcm(a.axes[axis].stride, b.axes[axis].stride)};
  if (a.is_limited()) both.unlimited = b.unlimited;
  return both;
}

}  // namespace lucid
