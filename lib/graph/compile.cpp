#include "graph/compile.h"

#include <map>

#include "base/text.h"
#include "graph/node_roles.h"
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
        recording_(engine),
        reader_counts_(graph.reader_counts()),
        roles_(node_roles(graph, options)),
        states_(graph.nodes().size()) {}

  Plan run() {
    ends_.input = Tensor(recording_.engine(),
                         onednn::plain_layout(graph_.input_shape().with_batch(options_.batch)));
    input_ = recording_.bind(ends_.input);
    for (std::size_t i = 0; i < states_.size(); ++i)
      if (roles_[i].is_needed && !roles_[i].is_taken_over) guard(i, [&] { forward(i); });
    end_forward();
    const std::size_t backward_begin = recording_.steps().size();
    if (options_.mode == Mode::kTrain) {
      begin_backward();
      for (std::size_t i = states_.size(); i-- > 0;)
        if (!roles_[i].is_taken_over && states_[i].needs_gradient) guard(i, [&] { backward(i); });
      end_backward();
      if (options_.memory_budget)
        recompute_to_fit(recording_, backward_begin, *options_.memory_budget, ends_.bytes());
    }
    return {std::move(recording_), backward_begin, std::move(ends_), parameters_};
  }

 private:
  struct NodeState {
    Value output;
    Backward way_back;
    std::vector<Value> gradients;  // from every reader
    bool needs_gradient = false;   // it, or something before it, has parameters
    std::vector<Value> inputs;     // as the layer read them
  };

  void forward(std::size_t i);
  void end_forward();
  Tensor end_at(int output);
  void begin_backward();
  void backward(std::size_t i);
  void end_backward();
  NodeFrame frame(std::size_t i);
  std::optional<FoldedNorm> folded_norm(std::size_t i) const;
  std::size_t source_of(int node) const { return roles_[static_cast<std::size_t>(node)].source; }
  NodeState& state_of(int node) { return states_[source_of(node)]; }
  Value as_known_by(const Node& node, Value value);
  Value sum(const std::string& node, const std::vector<Value>& gradients);
  Value gradient_of(std::size_t i);
  void hand_back(int input, Value gradient);
  bool is_shared(Value gradient) const { return hands_.at(recording_.place(gradient)) > 1; }
  // oneDNN's errors name no layer.
  void guard(std::size_t i, const std::function<void()>& work) {
    const Node& node = graph_.nodes()[i];
    translate_errors("layer " + in_quotes(node.name) + " (" + node.type + ")", work);
  }

  const Graph& graph_;
  Parameters& parameters_;
  const CompileOptions options_;
  Recording recording_;
  PlanTensors ends_;
  Value input_;
  std::vector<Value> input_gradients_;
  std::vector<int> reader_counts_;  // by node
  std::vector<NodeRole> roles_;
  std::vector<NodeState> states_;
  // By storage: how many nodes were handed it as a gradient.
  std::map<std::pair<int, std::size_t>, int> hands_;
};

// A layer that knows floats alone gets floats.
Value Compiler::as_known_by(const Node& node, Value value) {
  if (node.layer->knows_bfloat16()) return value;
  return recording_.in_layout(node.name, value,
                              onednn::typed_layout(recording_.layout(value), onednn::kFloat));
}

NodeFrame Compiler::frame(std::size_t i) {
  const Node& node = graph_.nodes()[i];
  NodeFrame frame;
  frame.name = node.name;
  frame.mode = options_.mode;
  frame.routes = options_.routes;
  frame.relu_follows = roles_[i].relu_slope.has_value();
  frame.relu_slope = roles_[i].relu_slope.value_or(0);
  frame.pair_pool_follows = roles_[i].pool_behind >= 0;
  frame.relu_is_undone = roles_[i].undone_slope.has_value();
  frame.folded_norm = folded_norm(i);
  if (options_.precision == Precision::kBfloat16) frame.product_type = onednn::kBfloat16;
  if (roles_[i].is_read_in_bfloat16) frame.output_type = onednn::kBfloat16;
  for (const int input : node.inputs) {
    const bool is_network_input = input == Node::kNetworkInput;
    if (!is_network_input) frame.undone_relu_slope = roles_[source_of(input)].undone_slope;
    frame.needs_gradient.push_back(is_network_input ? options_.input_gradient
                                                    : state_of(input).needs_gradient);
    // What others read, too, would be kept with all of what it is a part of.
    frame.can_place.push_back(!options_.memory_budget || is_network_input ||
                              reader_counts_[static_cast<std::size_t>(input)] == 1);
  }
  frame.input_gradients.resize(node.inputs.size());
  frame.product_flops = 2 * node.layer->multiply_adds(graph_.input_shapes(node)) *
                        static_cast<double>(options_.batch);
  return frame;
}

std::optional<FoldedNorm> Compiler::folded_norm(std::size_t i) const {
  if (roles_[i].folded_norm < 0) return std::nullopt;
  const Node& node = graph_.nodes()[i];
  const Node& norm = graph_.nodes()[static_cast<std::size_t>(roles_[i].folded_norm)];
  return FoldedNorm{norm.name, norm.layer->frozen_norm_eps().value(),
                    node.layer->norm_channels(graph_.input_shapes(node)).value(), Value{}};
}

void Compiler::forward(std::size_t i) {
  NodeFrame node = frame(i);
  for (const int input : graph_.nodes()[i].inputs)
    node.inputs.push_back(as_known_by(
        graph_.nodes()[i], input == Node::kNetworkInput ? input_ : state_of(input).output));
  states_[i].inputs = node.inputs;
  PlanBuilder builder(recording_, parameters_, node);
  states_[i].way_back = graph_.nodes()[i].layer->compile(builder);
  states_[i].output = node.output;
  if (node.took_pool) {
    roles_[i].undone_slope.reset();
    NodeRole& pool = roles_[static_cast<std::size_t>(roles_[i].pool_behind)];
    pool.is_taken_over = true;
    pool.source = i;
  }
  for (const ParameterSpec& spec : graph_.parameters(graph_.nodes()[i]))
    if (parameters_.at(node.name + "/" + spec.name).is_trained()) states_[i].needs_gradient = true;
  for (const bool needs_gradient : node.needs_gradient)
    if (needs_gradient) states_[i].needs_gradient = true;
}

void Compiler::end_forward() {
  for (const int output : outputs_of(graph_, options_)) ends_.outputs.push_back(end_at(output));
}

// The loss reads plain values: the last step writes there where it can, else one reorder does.
Tensor Compiler::end_at(int output) {
  const Node& node = graph_.nodes()[static_cast<std::size_t>(output)];
  const Layout plain = onednn::plain_layout(node.shape.with_batch(options_.batch));
  Tensor end(recording_.engine(), plain);
  const Value last = state_of(output).output;
  const bool is_own = recording_.root(last) == last && !recording_.is_bound(last);
  if (is_own && recording_.layout(last) == plain)
    recording_.bind_to(last, end);
  else
    recording_.step(recording_.reorder_step(node.name, last, recording_.bind(end)));
  return end;
}

void Compiler::begin_backward() {
  for (std::size_t i = 0; i < ends_.outputs.size(); ++i) {
    ends_.output_gradients.emplace_back(recording_.engine(), ends_.outputs[i].layout());
    hand_back(graph_.outputs()[i], recording_.bind(ends_.output_gradients[i]));
  }
}

void Compiler::hand_back(int input, Value gradient) {
  ++hands_[recording_.place(gradient)];
  (input == Node::kNetworkInput ? input_gradients_ : state_of(input).gradients).push_back(gradient);
}

Value Compiler::sum(const std::string& node, const std::vector<Value>& gradients) {
  Value total = gradients.front();
  for (std::size_t i = 1; i < gradients.size(); ++i) {
    const bool in_place = !is_shared(total) && !recording_.is_bound(total);
    const Value result = in_place ? total : recording_.produce(recording_.layout(total));
    recording_.add(node, total, gradients[i], result);
    if (!in_place) ++hands_[recording_.place(result)];
    total = result;
  }
  return total;
}

// As its layer can read it.
Value Compiler::gradient_of(std::size_t i) {
  const Node& node = graph_.nodes()[i];
  const Value total = sum(node.name, states_[i].gradients), known = as_known_by(node, total);
  if (known != total) ++hands_[recording_.place(known)];
  return known;
}

void Compiler::backward(std::size_t i) {
  NodeFrame node = frame(i);
  node.inputs = states_[i].inputs;
  node.output = states_[i].output;
  node.output_gradient = gradient_of(i);
  node.owns_output_gradient = !is_shared(node.output_gradient);
  PlanBuilder builder(recording_, parameters_, node);
  // What it was handed it may hand on: from here on the storage counts as nobody's.
  --hands_[recording_.place(node.output_gradient)];
  states_[i].way_back(builder);
  const std::vector<int>& inputs = graph_.nodes()[i].inputs;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (node.needs_gradient[k]) hand_back(inputs[k], node.input_gradients[k]);
}

void Compiler::end_backward() {
  if (!options_.input_gradient) return;
  const Value gradient = sum("input", input_gradients_);
  ends_.input_gradient = Tensor(recording_.engine(), ends_.input.layout());
  recording_.step(
      recording_.reorder_step("input", gradient, recording_.bind(ends_.input_gradient)));
}

}  // namespace

Plan compile(const Graph& graph, Parameters& parameters, Engine& engine,
             const CompileOptions& options) {
  if (options.memory_budget.value_or(0) > 0) {
    CompileOptions keeping_all = options;
    keeping_all.memory_budget.reset();
    Plan plan = Compiler(graph, parameters, engine, keeping_all).run();
    if (plan.memory_bytes() <= *options.memory_budget) return plan;
  }
  return Compiler(graph, parameters, engine, options).run();
}

}  // namespace lucid
