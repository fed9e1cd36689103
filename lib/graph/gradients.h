#pragma once
// Private to this room.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plan/recording.h"

namespace lucid {

// Collects the gradients of the nodes' outputs while the backward pass is recorded. It counts who
// still reads each storage, so that nobody overwrites what another node reads later.
class Gradients {
 public:
  explicit Gradients(Recording& recording) : recording_(recording) {}

  // Adds the gradient that one reader of a node's output computed. The node is an index, or
  // Node::kNetworkInput.
  void add(int node, Value gradient);

  // Returns the sum of all that was added for a node, and records the steps that compute it under
  // `name`. There must be at least one.
  Value sum(int node, const std::string& name);

  void add_reader(Value gradient) { ++readers_[recording_.place(gradient)]; }
  void remove_reader(Value gradient) { --readers_[recording_.place(gradient)]; }
  bool is_shared(Value gradient) const { return readers_.at(recording_.place(gradient)) > 1; }

 private:
  Recording& recording_;
  std::map<int, std::vector<Value>> of_node_;
  std::map<std::pair<int, std::size_t>, int> readers_;  // by place in storage
};

}  // namespace lucid
