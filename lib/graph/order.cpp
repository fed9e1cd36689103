#include "graph/order.h"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>

#include "base/text.h"
#include "graph/blocks.h"

namespace lucid {
namespace {

using Indices = std::vector<std::size_t>;

// The layers as indices: which ones each reads, the network's input left out.
std::vector<Indices> inputs_of(const std::vector<ParsedLayer>& layers) {
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < layers.size(); ++i) index[layers[i].name] = i;
  std::vector<Indices> inputs(layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i)
    for (const std::string& name : layers[i].inputs)
      if (name != kInputName) inputs[i].push_back(index.at(name));
  return inputs;
}

// Returns a cycle among the layers that could not be taken, from the first one in the file. Each of
// them has an input that was not taken either, so following those inputs ends in a cycle.
Indices find_cycle(const std::vector<Indices>& inputs, const std::vector<bool>& is_taken) {
  const auto is_open = [&](std::size_t layer) { return !is_taken[layer]; };
  Indices walk;
  std::vector<bool> was_seen(inputs.size(), false);
  auto at = static_cast<std::size_t>(std::ranges::find(is_taken, false) - is_taken.begin());
  for (; !was_seen[at]; at = *std::ranges::find_if(inputs[at], is_open)) {
    was_seen[at] = true;
    walk.push_back(at);
  }
  walk.erase(walk.begin(), std::ranges::find(walk, at));
  std::rotate(walk.begin(), std::ranges::min_element(walk), walk.end());
  return walk;
}

void report_cycle(std::vector<ParsedLayer>& layers, const Indices& cycle) {
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
  const std::vector<Indices> inputs = inputs_of(layers);
  std::vector<Indices> readers(layers.size());
  Indices missing(layers.size()), order;
  std::priority_queue<std::size_t, Indices, std::greater<>> ready;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    missing[i] = inputs[i].size();
    for (const std::size_t input : inputs[i]) readers[input].push_back(i);
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<bool> is_taken(layers.size(), false);
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    is_taken[next] = true;
    order.push_back(next);
    for (const std::size_t reader : readers[next])
      if (--missing[reader] == 0) ready.push(reader);
  }
  if (order.size() == layers.size()) return order;
  report_cycle(layers, find_cycle(inputs, is_taken));
  return {};
}

}  // namespace lucid
