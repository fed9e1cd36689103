#include "plan/plan.h"

#include <cassert>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "plan/arena.h"
#include "plan/gradient_order.h"
#include "plan/live_ranges.h"

namespace lucid {
namespace {

StepReport report_of(const Recording& recording, const RecordedStep& step) {
  StepReport report;
  report.node = step.node;
  report.what = step.what;
  report.implementation = step.implementation;
  report.flops = step.flops;
  report.is_recomputed = step.is_recomputed;
  report.pass = step.pass;
  report.route = step.route;
  using Place = std::pair<int, std::size_t>;
  std::map<Place, std::size_t> read, written;  // an argument given twice moves once
  for (const Argument& argument : step.arguments) {
    const Layout& layout = recording.layout(argument.value);
    report.layouts.push_back(onednn::layout_text(layout));
    (reads(argument.access) ? read : written)
        .emplace(recording.place(argument.value), onednn::content_bytes(layout));
  }
  for (const auto& [place, bytes] : read) report.bytes_read += bytes;
  for (const auto& [place, bytes] : written)
    (read.contains(place) ? report.bytes_read : report.bytes_written) += bytes;
  return report;
}

}  // namespace

Plan::Plan(Recording recording, std::size_t backward_begin, PlanTensors outer,
           Parameters& parameters, Workspace* workspace)
    : engine_(&recording.engine()),
      parameters_(&parameters),
      tensors_(std::move(outer)),
      random_state_(recording.random_state_tensor()),
      choices_(recording.choices()) {
  scratchpad_bytes_ = recording.scratchpad_bytes();
  scratchpad_ = allocate_storage(scratchpad_bytes_);
  const std::vector<Tensor> tensors = lay_out(recording, workspace);
  for (const Recording::NodeOutput& output : recording.outputs())
    if (const Tensor& tensor = tensors[static_cast<std::size_t>(output.value.id)])
      node_outputs_.push_back({output.node, output.steps, tensor});
  for (RecordedStep& step : recording.prepare_steps()) {
    prepare_steps_.push_back(bind(recording, step, tensors));
    prepare_steps_.back().report.is_preparation = true;
  }
  for (std::size_t i = 0; i < recording.steps().size(); ++i) {
    auto& steps = i < backward_begin ? forward_steps_ : backward_steps_;
    steps.push_back(bind(recording, recording.steps()[i], tensors));
    steps.back().report.is_backward = i >= backward_begin;
  }
  if (is_training()) {
    completed_gradients_ = completed_gradients(recording, parameters);
    completed_gradients_.erase(
        completed_gradients_.begin(),
        completed_gradients_.begin() + static_cast<std::ptrdiff_t>(backward_begin));
  }
}

std::vector<Tensor> Plan::lay_out(Recording& recording, Workspace* workspace) {
  const std::vector<Buffer> buffers = buffers_of(recording);
  std::vector<std::size_t> in_arena;
  std::vector<Buffer> wanted;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    if (recording.values()[i].tensor || buffers[i].ranges.empty()) continue;
    in_arena.push_back(i);
    wanted.push_back(buffers[i]);
  }
  const Placement placement = place(wanted);
  arena_bytes_ = placement.total;
  if (workspace == nullptr) arena_ = allocate_storage(arena_bytes_);
  std::byte* const arena = workspace == nullptr ? arena_.get() : workspace->block(arena_bytes_);

  std::vector<Tensor> tensors(buffers.size());
  for (std::size_t i = 0; i < in_arena.size(); ++i) {
    arena_buffers_.push_back({wanted[i], placement.offsets[i]});
    tensors[in_arena[i]] =
        Tensor(*engine_, recording.values()[in_arena[i]].layout, arena + placement.offsets[i]);
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Recording::ValueInfo& info = recording.values()[i];
    const Tensor& root =
        info.tensor ? info.tensor : recording.values()[static_cast<std::size_t>(info.root)].tensor;
    if (info.tensor)
      tensors[i] = info.tensor;
    else if (info.root != static_cast<int>(i)) {
      const Tensor& storage = root ? root : tensors[static_cast<std::size_t>(info.root)];
      if (!storage) continue;
      auto* begin = static_cast<std::byte*>(storage.memory().get_data_handle());
      tensors[i] = Tensor(*engine_, info.layout, begin + info.offset);
    }
  }
  return tensors;
}

Plan::BoundStep Plan::bind(const Recording& recording, RecordedStep& step,
                           const std::vector<Tensor>& tensors) const {
  BoundStep bound{report_of(recording, step),
                  PrimitiveCall(std::move(step.primitive)),
                  std::move(step.host),
                  step.arguments,
                  {},
                  {},
                  std::move(step.synchronization)};
  for (const Argument& argument : step.arguments) {
    const Tensor& tensor = tensors[static_cast<std::size_t>(argument.value.id)];
    assert(tensor);
    if (bound.call) bound.call.add(argument.key, tensor.memory());
    bound.tensors.push_back(tensor);
    bound.storage.push_back(tensor.memory().get_data_handle());
  }
  if (bound.call && step.scratchpad.get_size() > 0)
    bound.call.add(DNNL_ARG_SCRATCHPAD,
                   dnnl::memory(step.scratchpad, engine_->device(), scratchpad_.get()));
  return bound;
}

std::vector<StepReport> Plan::report() const {
  std::vector<StepReport> reports;
  for (const auto* steps : {&prepare_steps_, &forward_steps_, &backward_steps_})
    for (const BoundStep& step : *steps) reports.push_back(step.report);
  return reports;
}

std::string Plan::explain() const {
  std::string text;
  for (const StepReport& step : report()) {
    char size[32];
    std::snprintf(size, sizeof size, "%.2f MB", static_cast<double>(step.bytes()) * 1e-6);
    text += step.is_recomputed ? "again    " : step.is_backward ? "backward " : "forward  ";
    text += step.node + ": " + step.what + " [" + step.implementation + "] " +
            join(step.layouts, ", ") + ", " + size + "\n";
  }
  return text;
}

std::size_t PlanTensors::bytes() const {
  std::size_t bytes = input.bytes() + input_gradient.bytes();
  for (const auto* tensors : {&outputs, &output_gradients})
    for (const Tensor& tensor : *tensors) bytes += tensor.bytes();
  return bytes;
}

std::size_t Plan::memory_bytes() const {
  return arena_bytes_ + scratchpad_bytes_ + tensors_.bytes();
}

}  // namespace lucid
