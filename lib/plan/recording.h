#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"
#include "tensor/tensor.h"

namespace lucid {

// What is set before every step: its random numbers are a function of it, of the layer's name and
// of the element.
struct RandomState {
  std::uint64_t seed = 0;
  std::uint64_t draw = 0;  // another for every batch of a run
};

struct RecordedStep {
  std::string node, what, implementation;
  dnnl::primitive primitive;  // empty for a host step
  Layout scratchpad;
  std::vector<Argument> arguments;
  HostFunction host;
  double flops = 0;            // of products with a layer's weights; a multiply-add counts 2
  bool is_recomputed = false;  // a forward step that runs once more, on the way back
};

// What a plan will do, before memory is planned: values and the steps that use them. Lifetimes are
// read off the steps, so that nobody has to declare them.
class Recording {
 public:
  explicit Recording(Engine& engine) : engine_(&engine) {}

  Engine& engine() const { return *engine_; }
  Value produce(const Layout& layout);  // storage in the arena
  Value bind(const Tensor& tensor);     // storage that outlives steps: parameters, inputs, outputs
  Value random_state();                 // what a step's random numbers follow from: a RandomState
  void bind_to(
      Value value,
      const Tensor& tensor);  // gives an arena value a lasting storage of its layout instead
  Value view(
      Value value,
      const Layout& layout);  // the same storage, described otherwise; no larger than the value
  // What lies so many bytes behind the value's begin.
  Value part(Value value, const Layout& layout, std::size_t offset_bytes);
  // Who wrote or writes the value does so within another one: the storage is the whole's from now
  // on. Only for a value that has storage of its own in the arena.
  void become_part(Value value, Value whole, std::size_t offset_bytes);
  bool can_become_part(Value value) const { return root(value) == value && !is_bound(value); }
  const Layout& layout(Value value) const { return at(value).layout; }
  bool is_bound(Value value) const { return static_cast<bool>(at(root(value)).tensor); }
  Value root(Value value) const;  // of a view or a part: whose storage it is
  // Equal for values that lie in one place: a value and its views, but not the parts of one.
  std::pair<int, std::size_t> place(Value value) const {
    return {at(value).root, at(value).offset};
  }

  void step(RecordedStep step) { steps_.push_back(std::move(step)); }
  void prepare_step(RecordedStep step) {
    prepare_steps_.push_back(std::move(step));
  }  // runs only when parameters changed
  RecordedStep reorder_step(const std::string& node, Value from, Value to) const;
  Value in_layout(const std::string& node, Value value,
                  const Layout& wanted);  // the value itself, or a reorder recorded now
  // to = a + b, in the layout of a; `to` may be a.
  void add(const std::string& node, Value a, Value b, Value to);
  dnnl::primitive_attr attributes() const;  // with the plan's scratchpad

  struct ValueInfo {
    Layout layout;
    int root;
    Tensor tensor;           // empty: in the arena
    std::size_t offset = 0;  // in bytes, within the root's storage
  };
  const std::vector<ValueInfo>& values() const { return values_; }
  std::vector<RecordedStep>& steps() { return steps_; }
  const std::vector<RecordedStep>& steps() const { return steps_; }
  std::vector<RecordedStep>& prepare_steps() { return prepare_steps_; }
  const Tensor& random_state_tensor() const { return random_state_; }  // empty: nobody asked for it
  std::size_t scratchpad_bytes() const;  // of the step that wants most

 private:
  const ValueInfo& at(Value value) const { return values_.at(static_cast<std::size_t>(value.id)); }
  Value insert(ValueInfo info);

  Engine* engine_;
  std::vector<ValueInfo> values_;
  std::vector<RecordedStep> steps_, prepare_steps_;
  Tensor random_state_;
};

// Runs `work`; what oneDNN cannot do becomes Error(kFailed) "who: oneDNN cannot compute it: why".
void translate_errors(const std::string& who, const std::function<void()>& work);

}  // namespace lucid
