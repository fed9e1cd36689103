#include "graph/compile.h"

#include <algorithm>

#include "base/text.h"
#include "graph/gradients.h"
#include "graph/node_roles.h"
#include "layers/layer/byte_values.h"
#include "plan/gradient_order.h"
#include "plan/recompute_choice.h"

namespace lucid {
namespace {

class Compiler {
 public:
  Compiler(const Graph& graph, Parameters& parameters, Engine& engine,
           const CompileOptions& options)
      : graph_(graph),
        parameters_(parameters),
        options_(options),
        roles_(node_roles(graph, options)),
        reader_counts_(graph.reader_counts()),
        recording_(engine),
        states_(graph.nodes().size()) {}

  Plan run(Workspace* workspace) {
    record_forward();
    const std::size_t backward_begin = recording_.steps().size();
    if (options_.mode == Mode::kTrain) {
      record_backward();
      if (options_.memory_budget)
        recompute_to_fit(recording_, backward_begin, *options_.memory_budget, ends_.bytes());
      pack_gradients_as_completed(recording_, parameters_);
    }
    return {std::move(recording_), backward_begin, std::move(ends_), parameters_, workspace};
  }

 private:
  // Holds what the layer of a node recorded.
  struct NodeState {
    std::vector<Value> inputs;  // as the layer read them
    Value output;
    Backward backward;
    bool needs_gradient = false;  // the node, or one that it depends on, has trained parameters
    bool took_pool = false;       // the layer computes the pooling behind its ReLU as well
  };

  void record_forward();
  void forward(std::size_t i);
  Tensor plain_output(int output);
  void record_backward();
  void backward(std::size_t i);
  void return_input_gradient();

  NodeFrame frame(std::size_t i) const;
  void add_input(NodeFrame& frame, int input) const;
  bool needs_gradient(std::size_t i, const NodeFrame& frame) const;
  Value readable(std::size_t i, Value value, ByteScale scale);
  ByteScale scale_of(int input) const;
  Value gradient_of(std::size_t i);
  void add_gradient(int input, Value gradient);
  std::size_t source_of(std::size_t i) const;
  const NodeState& state_of(int node) const {
    return states_[source_of(static_cast<std::size_t>(node))];
  }
  // A node that is fused into another one records nothing itself.
  bool is_fused(std::size_t i) const { return source_of(i) != i; }
  // The errors of oneDNN do not name the layer.
  void guard(std::size_t i, const std::function<void()>& work) {
    const Node& node = graph_.nodes()[i];
    translate_errors("layer " + in_quotes(node.name) + " (" + node.type + ")", work);
  }

  const Graph& graph_;
  Parameters& parameters_;
  const CompileOptions options_;
  const std::vector<NodeRole> roles_;     // by node
  const std::vector<int> reader_counts_;  // by node
  Recording recording_;
  PlanTensors ends_;
  Value input_;
  std::vector<NodeState> states_;  // by node
  Gradients gradients_{recording_};
};

void Compiler::record_forward() {
  ends_.input = Tensor(recording_.engine(),
                       onednn::plain_layout(graph_.input_shape().with_batch(options_.batch)));
  input_ = recording_.bind(ends_.input);
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (roles_[i].is_needed && !is_fused(i)) guard(i, [&] { forward(i); });
  for (const int output : outputs_of(graph_, options_))
    ends_.outputs.push_back(plain_output(output));
}

void Compiler::forward(std::size_t i) {
  const Node& node = graph_.nodes()[i];
  NodeFrame frame = this->frame(i);
  for (const int input : node.inputs)
    frame.inputs.push_back(readable(
        i, input == Node::kNetworkInput ? input_ : state_of(input).output, scale_of(input)));
  PlanBuilder builder(recording_, parameters_, frame);
  NodeState& state = states_[i];
  state.backward = node.layer->compile(builder);
  state.inputs = frame.inputs;
  state.output = frame.output;
  state.took_pool = frame.took_pool;
  recording_.note_output(i, frame.output);
  state.needs_gradient = needs_gradient(i, frame);
}

NodeFrame Compiler::frame(std::size_t i) const {
  const Node& node = graph_.nodes()[i];
  NodeFrame frame;
  frame.name = node.name;
  frame.mode = options_.mode;
  frame.routes = options_.routes;
  frame.epilogue = roles_[i].epilogue;
  // A pooling inside the node's own step leaves the backward pass of the ReLU to that step.
  if (states_[i].took_pool) frame.epilogue.relu_backward_is_folded = false;
  for (const int input : node.inputs) add_input(frame, input);
  for (const int input : node.inputs) frame.scales.push_back(scale_of(input));
  frame.input_gradients.resize(node.inputs.size());
  frame.product_flops = 2 * graph_.cost(node).multiply_adds * static_cast<double>(options_.batch);
  return frame;
}

void Compiler::add_input(NodeFrame& frame, int input) const {
  const bool is_network_input = input == Node::kNetworkInput;
  frame.needs_gradient.push_back(is_network_input ? options_.input_gradient
                                                  : state_of(input).needs_gradient);
  // If others read the input as well, the whole of which it becomes a part is kept for them.
  frame.can_place.push_back(!options_.memory_budget || is_network_input ||
                            reader_counts_[static_cast<std::size_t>(input)] == 1);
}

bool Compiler::needs_gradient(std::size_t i, const NodeFrame& frame) const {
  const Node& node = graph_.nodes()[i];
  const auto is_trained = [&](const ParameterSpec& spec) {
    return parameters_.at(node.name + "/" + spec.name).is_trained();
  };
  return std::ranges::any_of(graph_.parameters(node), is_trained) ||
         std::ranges::find(frame.needs_gradient, true) != frame.needs_gradient.end();
}

// The numbers that bytes of an input stand for.
ByteScale Compiler::scale_of(int input) const {
  const Quantization& q = options_.quantization;
  if (q.is_empty() || input == Node::kNetworkInput) return q.input;
  return q.outputs[source_of(static_cast<std::size_t>(input))];
}

// A layer that does not read bytes or bfloat16 is given a copy in float, and one that reads bytes a
// copy in bytes.
Value Compiler::readable(std::size_t i, Value value, ByteScale scale) {
  const Node& node = graph_.nodes()[i];
  const bool is_bytes = holds_bytes(recording_.layout(value));
  if (roles_[i].epilogue.reads_bytes)
    return is_bytes ? value : to_bytes(recording_, node.name, value, scale);
  if (is_bytes) return to_floats(recording_, node.name, value, scale);
  if (graph_.fusion(node).reads_bfloat16) return value;
  return recording_.in_layout(node.name, value,
                              onednn::typed_layout(recording_.layout(value), onednn::kFloat));
}

std::size_t Compiler::source_of(std::size_t i) const {
  const NodeRole& role = roles_[i];
  const bool is_taken = role.possible_source && states_[*role.possible_source].took_pool;
  return is_taken ? *role.possible_source : role.source;
}

// The loss reads plain values. The last step writes them there if it can, else a reorder does.
Tensor Compiler::plain_output(int output) {
  const Node& node = graph_.nodes()[static_cast<std::size_t>(output)];
  const Layout plain = onednn::plain_layout(node.shape.with_batch(options_.batch));
  Tensor result(recording_.engine(), plain);
  const Value last = state_of(output).output;
  const bool is_own = recording_.root(last) == last && !recording_.is_bound(last);
  if (is_own && recording_.layout(last) == plain)
    recording_.bind_to(last, result);
  else
    recording_.step(recording_.reorder_step(node.name, last, recording_.bind(result)));
  return result;
}

void Compiler::record_backward() {
  for (std::size_t i = 0; i < ends_.outputs.size(); ++i) {
    ends_.output_gradients.emplace_back(recording_.engine(), ends_.outputs[i].layout());
    add_gradient(graph_.outputs()[i], recording_.bind(ends_.output_gradients[i]));
  }
  for (std::size_t i = states_.size(); i-- > 0;)
    if (!is_fused(i) && states_[i].needs_gradient) guard(i, [&] { backward(i); });
  if (options_.input_gradient) return_input_gradient();
}

void Compiler::backward(std::size_t i) {
  NodeFrame frame = this->frame(i);
  frame.inputs = states_[i].inputs;
  frame.output = states_[i].output;
  frame.output_gradient = gradient_of(i);
  frame.owns_output_gradient = !gradients_.is_shared(frame.output_gradient);
  PlanBuilder builder(recording_, parameters_, frame);
  // The layer may pass the same storage on to its inputs, so it no longer counts as a reader.
  gradients_.remove_reader(frame.output_gradient);
  states_[i].backward(builder);
  const std::vector<int>& inputs = graph_.nodes()[i].inputs;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (frame.needs_gradient[k]) add_gradient(inputs[k], frame.input_gradients[k]);
}

Value Compiler::gradient_of(std::size_t i) {
  const Value total = gradients_.sum(static_cast<int>(i), graph_.nodes()[i].name);
  const Value read = readable(i, total, {});
  if (read != total) gradients_.add_reader(read);
  return read;
}

void Compiler::add_gradient(int input, Value gradient) {
  const bool is_network_input = input == Node::kNetworkInput;
  gradients_.add(
      is_network_input ? input : static_cast<int>(source_of(static_cast<std::size_t>(input))),
      gradient);
}

void Compiler::return_input_gradient() {
  const Value gradient = gradients_.sum(Node::kNetworkInput, "input");
  ends_.input_gradient = Tensor(recording_.engine(), ends_.input.layout());
  recording_.step(
      recording_.reorder_step("input", gradient, recording_.bind(ends_.input_gradient)));
}

}  // namespace

Plan compile(const Graph& graph, Parameters& parameters, Engine& engine,
             const CompileOptions& options, Workspace* workspace) {
  if (options.memory_budget.value_or(0) > 0) {
    CompileOptions keeping_all = options;
    keeping_all.memory_budget.reset();
    Plan plan = Compiler(graph, parameters, engine, keeping_all).run(workspace);
    if (plan.memory_bytes() <= *options.memory_budget) return plan;
  }
  return Compiler(graph, parameters, engine, options).run(workspace);
}

}  // namespace lucid
