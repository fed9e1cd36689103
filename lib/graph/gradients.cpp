#include "graph/gradients.h"

namespace lucid {

void Gradients::add(int node, Value gradient) {
  add_reader(gradient);
  of_node_[node].push_back(gradient);
}

Value Gradients::sum(int node, const std::string& name) {
  const std::vector<Value>& gradients = of_node_.at(node);
  Value total = gradients.front();
  for (std::size_t i = 1; i < gradients.size(); ++i) {
    const bool in_place = !is_shared(total) && !recording_.is_bound(total);
    const Value result = in_place ? total : recording_.produce(recording_.layout(total));
    recording_.add(name, total, gradients[i], result);
    if (!in_place) add_reader(result);
    total = result;
  }
  return total;
}

}  // namespace lucid
