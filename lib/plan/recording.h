#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/route_choice.h"
#include "plan/step.h"
#include "tensor/tensor.h"

namespace lucid {

// Set before every training step. A layer's random numbers are a function of this state, the
// layer's name and the element's index.
struct RandomState {
  std::uint64_t seed = 0;
  std::uint64_t draw = 0;  // a different one for every shard of a run
  // Norms leave the statistics of the batch itself in the place of the running ones.
  bool replaces_statistics = false;
};

struct RecordedStep {
  std::string node, what, implementation;
  dnnl::primitive primitive;  // empty for a host step
  Layout scratchpad;
  std::vector<Argument> arguments;
  HostFunction host;
  double flops = 0;            // of products with weights; a multiply-add counts 2
  bool is_recomputed = false;  // a forward step that runs again in the backward pass
  std::optional<Pass> pass{};  // of a layer that chooses routes
  std::string route{};
  Synchronization synchronization{};  // of a host step, once it has run
};

// The values and steps of a plan before memory is planned. Lifetimes follow from the steps and need
// not be declared.
class Recording {
 public:
  explicit Recording(Engine& engine) : engine_(&engine) {}

  Engine& engine() const { return *engine_; }
  Value produce(const Layout& layout);  // storage in the arena
  Value bind(const Tensor& tensor);     // storage outside the arena: parameters, inputs, outputs
  Value random_state();                 // bound to the plan's RandomState
  // Moves a value from the arena to a tensor of the same layout.
  void bind_to(Value value, const Tensor& tensor);
  // Puts another tensor of the same layout in the place of a bound one.
  void rebind(const Tensor& from, const Tensor& to);
  // Describes the same storage by another layout, which must not be larger.
  Value view(Value value, const Layout& layout);
  // Describes a part of the value's storage that begins at an offset.
  Value part(Value value, const Layout& layout, std::size_t offset_bytes);
  // Aliases `value` to a byte range of `whole`, also for steps recorded before. The value must have
  // storage of its own in the arena.
  void become_part(Value value, Value whole, std::size_t offset_bytes);
  bool can_become_part(Value value) const { return root(value) == value && !is_bound(value); }
  const Layout& layout(Value value) const { return at(value).layout; }
  bool is_bound(Value value) const { return static_cast<bool>(at(root(value)).tensor); }
  Value root(Value value) const;  // the value whose storage a view or a part uses
  // Equal for a value and its views; different for different parts of a value.
  std::pair<int, std::size_t> place(Value value) const {
    return {at(value).root, at(value).offset};
  }

  void step(RecordedStep step) { steps_.push_back(std::move(step)); }
  // Records a step that runs only when parameters have changed.
  void prepare_step(RecordedStep step) { prepare_steps_.push_back(std::move(step)); }
  RecordedStep reorder_step(const std::string& node, Value from, Value to) const;
  // Returns the value itself if it has the layout, otherwise the result of a reorder recorded now.
  Value in_layout(const std::string& node, Value value, const Layout& wanted);
  // Records to = a + b, in the layout of a; `to` may be a.
  void add(const std::string& node, Value a, Value b, Value to);
  dnnl::primitive_attr attributes() const;  // asks for the plan's scratchpad

  struct ValueInfo {
    Layout layout;
    int root;
    Tensor tensor;           // empty: in the arena
    std::size_t offset = 0;  // in bytes, within the root's storage
  };
  struct NodeOutput {
    std::size_t node, steps;  // steps: that run before it is complete
    Value value;
  };
  const std::vector<NodeOutput>& outputs() const { return outputs_; }
  const std::vector<ValueInfo>& values() const { return values_; }
  std::vector<RecordedStep>& steps() { return steps_; }
  const std::vector<RecordedStep>& steps() const { return steps_; }
  std::vector<RecordedStep>& prepare_steps() { return prepare_steps_; }
  // Names the pass and the route of all steps from the given one on that have none yet.
  void label_steps(std::size_t first, Pass pass, const std::string& route);
  // Notes which value is the output of a node of the network, complete after the last step so far.
  void note_output(std::size_t node, Value value) {
    outputs_.push_back({node, steps_.size(), value});
  }
  void note_choice(RouteChoice choice) { choices_.push_back(std::move(choice)); }
  const std::vector<RouteChoice>& choices() const { return choices_; }
  const Tensor& random_state_tensor() const {
    return random_state_;
  }                                      // empty unless a step uses it
  std::size_t scratchpad_bytes() const;  // of the step with the largest scratchpad

 private:
  const ValueInfo& at(Value value) const { return values_.at(static_cast<std::size_t>(value.id)); }
  Value insert(ValueInfo info);

  Engine* engine_;
  std::vector<ValueInfo> values_;
  std::vector<RecordedStep> steps_, prepare_steps_;
  std::vector<NodeOutput> outputs_;
  std::vector<RouteChoice> choices_;
  Tensor random_state_;
};

// Runs `work` and turns errors of oneDNN into Error(kFailed) "who: oneDNN cannot compute it: why".
void translate_errors(const std::string& who, const std::function<void()>& work);

}  // namespace lucid
