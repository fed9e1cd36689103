#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/arena.h"
#include "plan/builder.h"
#include "tensor/primitive_call.h"
#include "tensor/storage.h"

namespace lucid {

// What one step of a plan is, and how long it took since measure() was called.
struct StepReport {
  std::string node, what, implementation;
  bool is_backward = false;
  bool is_preparation = false;       // runs only when parameters changed
  bool is_again = false;             // a forward step that runs once more, on the way back
  std::vector<std::string> layouts;  // "1x8x10x10x10 aBcde16b", of what it reads and writes
  std::size_t bytes_read = 0;        // what is read and written in one place among them
  std::size_t bytes_written = 0;     // to where the step reads nothing
  double flops = 0;                  // of products with a layer's weights
  double seconds = 0;
  std::size_t bytes() const { return bytes_read + bytes_written; }
};

// What a plan reads and writes outside its arena; all in plain layout.
struct PlanEnds {
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

// A network compiled for one mode and one batch size: steps bound to memory. Running creates and
// allocates nothing.
class Plan {
 public:
  // Steps [0, backward_begin) of the recording are the forward ones. `parameters` must outlive the
  // plan.
  Plan(Recording recording, std::size_t backward_begin, PlanEnds ends, Parameters& parameters);

  Tensor& input() { return ends_.input; }  // (N, C, D, H, W); write a batch here
  Tensor& output(std::size_t i = 0) { return ends_.outputs.at(i); }  // the main one first
  Tensor& output_gradient(std::size_t i = 0) { return ends_.output_gradients.at(i); }  // training
  std::size_t output_count() const { return ends_.outputs.size(); }
  bool is_training() const { return !ends_.output_gradients.empty(); }
  Tensor& input_gradient() { return ends_.input_gradient; }  // only when compiled for it

  // Before a training step; plans without dropout need none.
  void set_random_state(const RandomState& state);
  void forward();
  void
  backward();  // fills every Parameter::gradient; call after forward() with output_gradient() set

  // Runs forward() again and names the first node whose output holds a NaN or an infinity.
  std::optional<std::string> first_non_finite_node();

  std::string explain() const;  // a line a step: node, primitive, implementation, layouts, MB
  std::vector<StepReport> report() const;   // prepare steps first, then in running order
  void measure() { is_measuring_ = true; }  // from now on, steps are timed one by one
  std::size_t arena_bytes() const { return arena_bytes_; }
  std::span<const PlacedBuffer> arena_buffers() const { return arena_buffers_; }
  std::size_t memory_bytes() const;  // arena, scratchpad, input and output; without parameters

 private:
  struct BoundStep {
    StepReport report;
    PrimitiveCall call;
    HostFunction host;
    std::vector<void*> storage;
    std::vector<Tensor> written;  // DNNL_ARG_DST values, for first_non_finite_node()
  };
  std::vector<Tensor> lay_out(Recording& recording);
  BoundStep bind(const Recording& recording, RecordedStep& step,
                 const std::vector<Tensor>& tensors) const;
  void run(BoundStep& step);

  Engine* engine_;
  Parameters* parameters_;
  PlanEnds ends_;
  Tensor random_state_;  // empty: no step uses random numbers
  std::size_t arena_bytes_ = 0, scratchpad_bytes_ = 0;
  Storage arena_, scratchpad_;
  std::vector<BoundStep> prepare_steps_, forward_steps_, backward_steps_;
  std::uint64_t prepared_version_ = 0;
  bool is_measuring_ = false;
  std::vector<PlacedBuffer> arena_buffers_;
};

}  // namespace lucid
