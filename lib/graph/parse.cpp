#include "graph/parse.h"

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "graph/blocks.h"
#include "graph/order.h"
#include "graph/valid_sizes.h"

namespace lucid {
namespace {

// Returns ": 'skip' is 16x8x8x8, 'up' is 16x7x7x7" for a layer of several inputs, else nothing.
std::string names_and_shapes(const std::vector<std::string>& names,
                             const std::vector<Shape>& shapes) {
  if (names.size() == 1) return "";
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? ": " : ", ") + in_quotes(names[i]) + " is " + shapes[i].str();
  return text;
}

class GraphReader {
 public:
  explicit GraphReader(JsonObject& model)
      : errors_(&model.errors()), errors_before_(errors_->count()), blocks_(model) {
    if (!model.is_sound()) return;  // it is no object
    const std::size_t before = errors_->count();
    input_ = read_input(model);
    input_is_sound_ = errors_->count() == before;
    read_layers(model);
    outputs_ = model.strings("outputs", false);
    initialization_ = read_initialization(model);
    model.finish();
    if (layers_.empty()) return;  // an error, which leaves nothing to check
    check_names();
    check_outputs(model);
    if (errors_->count() == errors_before_) order_ = topological_order(layers_);
    if (order_.empty())
      for (std::size_t i = 0; i < layers_.size(); ++i) order_.push_back(i);
    else
      check_unread();
    if (input_is_sound_) infer_shapes();
  }

  std::optional<Graph> finish() {
    if (errors_->count() != errors_before_ || nodes_.empty()) return std::nullopt;
    std::vector<int> outputs;
    for (const std::string& name : outputs_) outputs.push_back(index_.at(name));
    Graph graph(input_, std::move(nodes_), std::move(outputs));
    graph.set_initialization(initialization_);
    return graph;
  }

 private:
  Shape read_input(JsonObject& model);
  void read_layers(JsonObject& model);
  void check_names();
  void check_outputs(JsonObject& model);
  void check_unread();
  void infer_shapes();
  void infer_shape(ParsedLayer& parsed);
  std::string hint_for(const ParsedLayer& parsed, const std::vector<int>& inputs) const;
  std::vector<std::string> known_names() const;
  std::string suggested(const std::string& name) const;

  ConfigErrors* errors_;
  std::size_t errors_before_;
  Blocks blocks_;
  std::deque<PlacedLayer> placed_;  // owns the JSON that layers_ refer to
  std::vector<ParsedLayer> layers_;
  std::vector<std::size_t> order_;    // indices of layers_, topological unless there is an error
  std::vector<std::string> outputs_;  // names in full, the main one first
  Initialization initialization_;
  Shape input_;
  bool input_is_sound_ = false;
  std::vector<Node> nodes_;
  std::map<std::string, int> index_{{kInputName, Node::kNetworkInput}};  // nodes by name
};

Shape GraphReader::read_input(JsonObject& model) {
  constexpr IntegerRange kExtent{1, 1 << 24};
  auto object = model.object("input", true);
  if (!object) return {1, 1, 1, 1};
  const std::int64_t channels = object->integer("channels", kExtent);
  const Triple size = object->triple("size", kExtent);
  object->finish();
  try {
    return {channels, size[0], size[1], size[2]};
  } catch (const Error& error) {
    object->error("size", error.what());
    return {1, 1, 1, 1};
  }
}

void GraphReader::read_layers(JsonObject& model) {
  if (model.objects("layers").empty()) return;
  placed_ = blocks_.write_out(*model.find("layers"), child_pointer(model.pointer(), "layers"));
  for (const PlacedLayer& layer : placed_)
    layers_.push_back(
        read_layer(JsonObject(layer.json, layer.pointer, *errors_), blocks_, layers_.size()));
}

std::vector<std::string> GraphReader::known_names() const {
  std::vector<std::string> names{kInputName};
  for (const ParsedLayer& parsed : layers_) names.push_back(parsed.name);
  return names;
}

void GraphReader::check_names() {
  std::map<std::string, std::string> seen;  // name -> pointer
  for (ParsedLayer& parsed : layers_) {
    const auto [at, is_new] = seen.emplace(parsed.name, parsed.object.pointer());
    if (!is_new)
      parsed.object.error(
          "name", "the name " + in_quotes(parsed.name) + " stands already at " + at->second);
  }
  seen.emplace(kInputName, "");
  for (ParsedLayer& parsed : layers_)
    for (const std::string& input : parsed.inputs)
      if (!seen.contains(input) && !blocks_.is_missing(input))
        parsed.object.error("inputs", "no layer " + in_quotes(input) + suggested(input));
}

std::string GraphReader::suggested(const std::string& name) const {
  return errors_->is_full() ? "" : suggestion(name, known_names());
}

void GraphReader::check_outputs(JsonObject& model) {
  const std::vector<std::string> list = known_names();
  const std::set<std::string> names(list.begin(), list.end());
  std::set<std::string> seen;
  for (std::string& output : outputs_) {
    const std::string given = output;
    output = blocks_.end_of(output);
    if (blocks_.is_missing(output)) continue;
    if (output == kInputName)
      model.error("outputs", "no layer 'input' that could be an output; it is the network's input");
    else if (!names.contains(output))
      model.error("outputs", "no layer " + in_quotes(given) + suggested(given));
    else if (!seen.insert(output).second)
      model.error("outputs", "the output " + in_quotes(given) + " stands twice; keep one");
  }
}

// Every layer must be read by another, or be an output. Without a list of outputs, the last layer
// that nobody reads is the output.
void GraphReader::check_unread() {
  std::set<std::string> read(outputs_.begin(), outputs_.end());
  for (const ParsedLayer& parsed : layers_) read.insert(parsed.inputs.begin(), parsed.inputs.end());
  std::vector<ParsedLayer*> unread;
  for (ParsedLayer& parsed : layers_)
    if (!read.contains(parsed.name)) unread.push_back(&parsed);
  if (outputs_.empty() && !unread.empty()) {
    outputs_ = {unread.back()->name};
    unread.pop_back();
  }
  for (ParsedLayer* layer : unread)
    layer->object.error("", "no layer reads the output of " + in_quotes(layer->name) +
                                ", and the network's output is " + in_quotes(outputs_[0]) +
                                "; remove it, list it under another layer's inputs or under "
                                "model.outputs");
}

// A layer whose inputs have no shape is passed over: an earlier error is the only one to report.
void GraphReader::infer_shapes() {
  for (const std::size_t i : order_) {
    ParsedLayer& parsed = layers_[i];
    const bool is_known = std::ranges::all_of(
        parsed.inputs, [&](const std::string& name) { return index_.contains(name); });
    if (parsed.layer && is_known) infer_shape(parsed);
  }
}

void GraphReader::infer_shape(ParsedLayer& parsed) {
  std::vector<Shape> shapes;
  Node node{parsed.name, parsed.type, nullptr, {}, {}};
  for (const std::string& name : parsed.inputs) {
    node.inputs.push_back(index_.at(name));
    shapes.push_back(node.inputs.back() == Node::kNetworkInput
                         ? input_
                         : nodes_[static_cast<std::size_t>(node.inputs.back())].shape);
  }
  const std::string who = "layer " + in_quotes(parsed.name) + " (" + parsed.type + "): ";
  for (const ArgumentError& error : parsed.layer->errors(shapes))
    parsed.object.error(error.argument, who + error.message);
  try {
    node.shape = parsed.layer->output_shape(shapes);
    if (parsed.object.is_sound())
      parsed.layer->parameters(shapes);  // elements must be countable, too
  } catch (const Error& error) {
    const std::string hint = hint_for(parsed, node.inputs);
    parsed.object.error("", who + error.what() + names_and_shapes(parsed.inputs, shapes) + hint);
    return;
  }
  node.layer = std::move(parsed.layer);
  index_[parsed.name] = static_cast<int>(nodes_.size());
  nodes_.push_back(std::move(node));
}

// Names sizes that the whole network accepts, if the file has no error but this layer's.
std::string GraphReader::hint_for(const ParsedLayer& refused,
                                  const std::vector<int>& inputs) const {
  if (errors_->count() != errors_before_) return "";
  std::vector<LayerPlace> layers;
  for (const Node& node : nodes_) layers.push_back({node.layer.get(), node.inputs});
  layers.push_back({refused.layer.get(), inputs});
  std::map<std::string, int> index = index_;
  index[refused.name] = static_cast<int>(nodes_.size());
  for (const std::size_t i : order_) {
    const ParsedLayer& parsed = layers_[i];
    if (index.contains(parsed.name)) continue;
    std::vector<int> from;
    for (const std::string& name : parsed.inputs) from.push_back(index.at(name));
    index[parsed.name] = static_cast<int>(layers.size());
    layers.push_back({parsed.layer.get(), from});
  }
  return nearest_valid_sizes(input_, layers);
}

}  // namespace

std::optional<Graph> try_read_graph(JsonObject& model) { return GraphReader(model).finish(); }

Graph read_graph(JsonObject& model) {
  std::optional<Graph> graph = try_read_graph(model);
  model.errors().throw_if_any();
  return std::move(*graph);
}

}  // namespace lucid
