#include <algorithm>
#include <set>

#include "base/text.h"
#include "graph/blocks.h"
#include "graph/entry.h"

namespace lucid {
namespace {

using Names = std::set<std::string>;

// A cycle among the layers that could not be taken, from the one that stands first in the file.
// From any of them, a walk to an input that was not taken either ends in a cycle.
std::vector<std::size_t> find_cycle(const std::vector<Entry>& entries, const Names& taken) {
  const auto is_open = [&](const std::string& name) { return !taken.contains(name); };
  std::vector<std::size_t> walk;
  auto at = std::ranges::find_if(entries, is_open, &Entry::name);
  for (;;) {
    const auto index = static_cast<std::size_t>(at - entries.begin());
    const auto seen = std::ranges::find(walk, index);
    if (seen != walk.end()) {
      walk.erase(walk.begin(), seen);
      std::rotate(walk.begin(), std::ranges::min_element(walk), walk.end());
      return walk;
    }
    walk.push_back(index);
    const std::string& wanted = *std::ranges::find_if(at->inputs, is_open);
    at = std::ranges::find(entries, wanted, &Entry::name);
  }
}

void report_cycle(std::vector<Entry>& entries, const std::vector<std::size_t>& cycle) {
  Entry& first = entries[cycle[0]];
  std::string text = "layer " + in_quotes(first.name) + " waits for ";
  if (cycle.size() == 1) text += "its own output";
  for (std::size_t i = 1; i < cycle.size(); ++i)
    text += in_quotes(entries[cycle[i]].name) + ", which waits for ";
  if (cycle.size() > 1) text += in_quotes(first.name);
  first.object.error("inputs", text + "; break the cycle");
}

}  // namespace

// Repeatedly takes the first entry whose inputs are all taken.
std::vector<std::size_t> topological_order(std::vector<Entry>& entries) {
  std::vector<std::size_t> order;
  Names taken{kInputName};
  std::vector<bool> is_taken(entries.size(), false);
  while (order.size() < entries.size()) {
    const auto is_ready = [&](const Entry& entry) {
      return std::ranges::all_of(entry.inputs,
                                 [&](const std::string& name) { return taken.contains(name); });
    };
    std::size_t next = 0;
    while (next < entries.size() && (is_taken[next] || !is_ready(entries[next]))) ++next;
    if (next == entries.size()) {
      report_cycle(entries, find_cycle(entries, taken));
      return {};
    }
    is_taken[next] = true;
    taken.insert(entries[next].name);
    order.push_back(next);
  }
  return order;
}

}  // namespace lucid
