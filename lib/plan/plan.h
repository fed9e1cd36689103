#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/arena.h"
#include "plan/builder.h"
#include "plan/workspace.h"
#include "tensor/primitive_call.h"
#include "tensor/storage.h"

namespace lucid {

// Describes one step of a plan, and says how long it has taken since measure() was called.
struct StepReport {
  std::string node, what, implementation;
  bool is_backward = false;
  bool is_preparation = false;       // runs only when parameters have changed
  bool is_recomputed = false;        // a forward step that runs again in the backward pass
  std::vector<std::string> layouts;  // "1x8x10x10x10 aBcde16b", by argument
  std::size_t bytes_read = 0;        // includes what is read and written in one place
  std::size_t bytes_written = 0;     // only to places that the step does not read
  double flops = 0;                  // of GEMMs and convolutions with a layer's weights
  std::optional<Pass> pass{};        // of a layer that chooses routes
  std::string route{};
  double seconds = 0;
  std::size_t bytes() const { return bytes_read + bytes_written; }
};

// The tensors outside the arena that a plan reads and writes; all are in plain layout.
struct PlanTensors {
  Tensor input, input_gradient;                   // the gradient: empty when not asked for
  std::vector<Tensor> outputs, output_gradients;  // the main output first; no gradients: inference
  std::size_t bytes() const;
};

// A buffer and its place in a plan's arena. The steps of its ranges count the forward ones, then
// the backward ones.
struct PlacedBuffer {
  Buffer buffer;
  std::size_t offset;
};

// A network compiled for one mode and one batch size: steps bound to memory. Running it creates and
// allocates nothing.
class Plan {
 public:
  // Steps [0, backward_begin) of the recording are the forward ones. `parameters` must outlive the
  // plan. The arena is of the workspace, or if that is null, of the plan.
  Plan(Recording recording, std::size_t backward_begin, PlanTensors tensors, Parameters& parameters,
       Workspace* workspace);

  Tensor& input() { return tensors_.input; }  // (N, C, D, H, W); write a batch here
  Tensor& output(std::size_t i = 0) { return tensors_.outputs.at(i); }  // the main one first
  Tensor& output_gradient(std::size_t i = 0) {
    return tensors_.output_gradients.at(i);
  }  // training
  std::size_t output_count() const { return tensors_.outputs.size(); }
  bool is_training() const { return !tensors_.output_gradients.empty(); }
  Tensor& input_gradient() { return tensors_.input_gradient; }  // only when compiled for it

  // Call this before a training step; plans without dropout do not need it.
  void set_random_state(const RandomState& state);
  void forward();
  // The same for an inference plan, which shows the output of every node of the network before the
  // next step runs. What a node computes along with another one is that one's output.
  using Watch = std::function<void(std::size_t node, const Tensor& output)>;
  void forward(const Watch& watch);
  // Called with how many floats at the beginning of Parameters::gradients() are complete, when
  // there are more.
  using Completed = std::function<void(std::size_t end)>;
  // Fills every Parameter::gradient; call it after forward(), with output_gradient() set.
  void backward(const Completed& completed = {});

  // The same passes in parts, for one of several shards of a batch that go through their plans side
  // by side. run_on() returns true behind a step whose numbers the shards exchange, by give() and
  // take(), and false at the end of the pass.
  enum class Direction { kForward, kBackward };
  void start(Direction direction);
  bool run_on(const Completed& completed = {});
  void give(std::vector<double>& own) const;
  void take(std::span<const double> of_all) const;
  // How often run_on() returns true.
  std::size_t synchronizations(Direction direction) const;

  // Runs forward() again and names the first node whose output holds a NaN or an infinity.
  std::optional<std::string> first_non_finite_node();

  std::string explain() const;  // one line per step: node, primitive, implementation, layouts, MB
  // The routes that layers took, in the order in which they were chosen, with what spoke against
  // the others.
  const std::vector<RouteChoice>& choices() const { return choices_; }
  std::vector<StepReport> report() const;   // preparations first, then in running order
  void measure() { is_measuring_ = true; }  // from now on, steps are timed one by one
  std::size_t arena_bytes() const { return arena_bytes_; }
  std::span<const PlacedBuffer> arena_buffers() const { return arena_buffers_; }
  std::size_t memory_bytes() const;  // arena, scratchpad, input and output; without parameters

 private:
  struct BoundStep {
    StepReport report;
    PrimitiveCall call;
    HostFunction host;
    std::vector<Argument> arguments;
    std::vector<Tensor> tensors;  // of each argument; keeps alive what lies outside the arena
    std::vector<void*> storage;   // of each argument
    Synchronization synchronization{};
  };
  // The output of a node, complete once so many steps have run.
  struct NodeOutput {
    std::size_t node, steps;
    Tensor tensor;
  };
  std::vector<Tensor> lay_out(Recording& recording, Workspace* workspace);
  BoundStep bind(const Recording& recording, RecordedStep& step,
                 const std::vector<Tensor>& tensors) const;
  void run(BoundStep& step);
  void prepare();
  const std::vector<BoundStep>& steps(Direction direction) const {
    return direction == Direction::kForward ? forward_steps_ : backward_steps_;
  }

  Engine* engine_;
  Parameters* parameters_;
  PlanTensors tensors_;
  Tensor random_state_;  // empty: no step uses random numbers
  std::vector<RouteChoice> choices_;
  std::size_t arena_bytes_ = 0, scratchpad_bytes_ = 0;
  Storage arena_, scratchpad_;  // no arena: it is of a workspace
  std::vector<BoundStep> prepare_steps_, forward_steps_, backward_steps_;
  std::vector<std::size_t> completed_gradients_;  // by step of the backward pass
  std::vector<NodeOutput> node_outputs_;
  Direction direction_ = Direction::kForward;
  std::size_t next_step_ = 0;  // of the direction
  std::uint64_t prepared_version_ = 0;
  bool is_measuring_ = false;
  std::vector<PlacedBuffer> arena_buffers_;
};

}  // namespace lucid
