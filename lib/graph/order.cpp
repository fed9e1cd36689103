#include "graph/order.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "graph/blocks.h"

namespace lucid {
namespace {

using Names = std::set<std::string>;

// Returns a cycle among the layers that could not be taken, from the first one in the file. Each of
// them has an input that was not taken either, so following those inputs ends in a cycle.
std::vector<std::size_t> find_cycle(const std::vector<ParsedLayer>& layers, const Names& taken) {
  const auto is_open = [&](const std::string& name) { return !taken.contains(name); };
  std::vector<std::size_t> walk;
  auto at = std::ranges::find_if(layers, is_open, &ParsedLayer::name);
  for (;;) {
    const auto index = static_cast<std::size_t>(at - layers.begin());
    const auto seen = std::ranges::find(walk, index);
    if (seen != walk.end()) {
      walk.erase(walk.begin(), seen);
      std::rotate(walk.begin(), std::ranges::min_element(walk), walk.end());
      return walk;
    }
    walk.push_back(index);
    const std::string& wanted = *std::ranges::find_if(at->inputs, is_open);
    at = std::ranges::find(layers, wanted, &ParsedLayer::name);
  }
}

void report_cycle(std::vector<ParsedLayer>& layers, const std::vector<std::size_t>& cycle) {
  ParsedLayer& first = layers[cycle[0]];
  std::string text = "layer " + in_quotes(first.name) + " waits for ";
  if (cycle.size() == 1) text += "its own output";
  for (std::size_t i = 1; i < cycle.size(); ++i)
    text += in_quotes(layers[cycle[i]].name) + ", which waits for ";
  if (cycle.size() > 1) text += in_quotes(first.name);
  first.object.error("inputs", text + "; break the cycle");
}

}  // namespace

// Repeatedly takes the first layer whose inputs are all taken.
std::vector<std::size_t> topological_order(std::vector<ParsedLayer>& layers) {
  std::vector<std::size_t> order;
  Names taken{kInputName};
  std::vector<bool> is_taken(layers.size(), false);
  while (order.size() < layers.size()) {
    const auto is_ready = [&](const ParsedLayer& layer) {
      return std::ranges::all_of(layer.inputs,
                                 [&](const std::string& name) { return taken.contains(name); });
    };
    std::size_t next = 0;
    while (next < layers.size() && (is_taken[next] || !is_ready(layers[next]))) ++next;
    if (next == layers.size()) {
      report_cycle(layers, find_cycle(layers, taken));
      return {};
    }
    is_taken[next] = true;
    taken.insert(layers[next].name);
    order.push_back(next);
  }
  return order;
}

}  // namespace lucid
