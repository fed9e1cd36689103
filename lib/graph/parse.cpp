#include "graph/parse.h"

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/catalogue.h"
#include "base/text.h"
#include "graph/blocks.h"
#include "graph/entry.h"
#include "graph/fitting_sizes.h"
#include "layers/registry.h"

namespace lucid {
namespace {

// ": 'skip' is 16x8x8x8, 'up' is 16x7x7x7" where a layer has several inputs: which of them clash.
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
    input_ = read_input(model);
    input_is_sound_ = errors_->count() == errors_before_;
    read_entries(model);
    outputs_ = model.strings("outputs", false);
    model.finish();
    check_names();
    check_outputs(model);
    if (errors_->count() == errors_before_) order_ = topological_order(entries_);
    if (order_.empty())
      for (std::size_t i = 0; i < entries_.size(); ++i) order_.push_back(i);
    else
      check_unread();
    if (input_is_sound_) infer_shapes();
  }

  std::optional<Graph> finish() {
    if (errors_->count() != errors_before_) return std::nullopt;
    std::vector<int> outputs;
    for (const std::string& name : outputs_) outputs.push_back(index_.at(name));
    return Graph(input_, std::move(nodes_), std::move(outputs));
  }

 private:
  Shape read_input(JsonObject& model);
  void read_entries(JsonObject& model);
  void read_entry(const JsonObject& object);
  void check_count(Entry& entry) const;
  void check_names();
  void check_outputs(JsonObject& model);
  void check_unread();
  void infer_shapes();
  void infer_shape(Entry& entry);
  std::string hint_for(const Entry& entry, const std::vector<int>& inputs) const;
  std::vector<std::string> known_names() const;

  ConfigErrors* errors_;
  std::size_t errors_before_;
  Blocks blocks_;
  std::deque<PlacedLayer> placed_;  // what the entries are read from
  std::vector<Entry> entries_;
  std::vector<std::size_t> order_;  // of entries_, topological as far as there is no error
  std::map<std::string, int> index_{{kInputName, Node::kNetworkInput}};  // of nodes_
  std::vector<std::string> outputs_;  // in full, the main one first
  Shape input_;
  bool input_is_sound_ = false;
  std::vector<Node> nodes_;
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

void GraphReader::read_entries(JsonObject& model) {
  if (model.objects("layers").empty()) return;
  placed_ = blocks_.write_out(*model.find("layers"), child_pointer(model.pointer(), "layers"));
  for (const PlacedLayer& layer : placed_)
    read_entry(JsonObject(layer.json, layer.pointer, *errors_));
}

void GraphReader::read_entry(const JsonObject& layer) {
  Entry entry{layer, "", "", {}, nullptr};
  JsonObject& object = entry.object;
  const std::string given = object.string("type");
  const auto type = layer_type(given);
  if (!type && object.is_sound()) {
    std::vector<std::string> known = blocks_.names();
    known.insert(known.end(), layer_types().begin(), layer_types().end());
    object.error("type", no_such("layer", given, known));
  }
  entry.type = type.value_or("");
  entry.name = object.string("name", "layer " + std::to_string(entries_.size()));
  if (entry.name.empty() || entry.name.find('/') != std::string::npos || entry.name == kInputName)
    object.error("name", "expected a name that is not empty, not 'input' and holds no '/', found " +
                             in_quotes(entry.name));
  entry.inputs = object.strings("inputs", false);
  for (std::string& input : entry.inputs) input = blocks_.end_of(input);
  if (type) {
    entry.layer = make_layer(*type, object);
    if (!entry.inputs.empty()) check_count(entry);
    if (!object.is_sound()) entry.layer = nullptr;
  }
  entries_.push_back(std::move(entry));
}

void GraphReader::check_count(Entry& entry) const {
  const InputCount count = entry.layer->input_count();
  const std::size_t found = entry.inputs.size();
  if (found >= count.low && found <= count.high) return;
  const std::string expected = count.high == 1 ? "one input"
                               : count.low == count.high
                                   ? std::to_string(count.low) + " inputs"
                                   : std::to_string(count.low) + " or more inputs";
  entry.object.error("inputs", "expected " + expected + ", found " + std::to_string(found));
}

std::vector<std::string> GraphReader::known_names() const {
  std::vector<std::string> names{kInputName};
  for (const Entry& entry : entries_) names.push_back(entry.name);
  return names;
}

void GraphReader::check_names() {
  std::map<std::string, std::string> seen;  // name -> pointer
  for (Entry& entry : entries_) {
    const auto [at, is_new] = seen.emplace(entry.name, entry.object.pointer());
    if (!is_new)
      entry.object.error("name",
                         "the name " + in_quotes(entry.name) + " stands already at " + at->second);
  }
  const std::vector<std::string> names = known_names();
  for (Entry& entry : entries_)
    for (const std::string& input : entry.inputs)
      if (std::ranges::find(names, input) == names.end() && !blocks_.is_missing(input))
        entry.object.error("inputs", "no layer " + in_quotes(input) + suggestion(input, names));
}

void GraphReader::check_outputs(JsonObject& model) {
  const std::vector<std::string> names = known_names();
  std::set<std::string> seen;
  for (std::string& output : outputs_) {
    const std::string given = output;
    output = blocks_.end_of(output);
    if (output == kInputName || std::ranges::find(names, output) == names.end())
      model.error("outputs", "no layer " + in_quotes(given) + suggestion(given, names));
    else if (!seen.insert(output).second)
      model.error("outputs", "the output " + in_quotes(given) + " stands twice; keep one");
  }
}

// Every layer must be read by another, or be an output; without a list of outputs one is.
void GraphReader::check_unread() {
  std::set<std::string> read(outputs_.begin(), outputs_.end());
  for (const Entry& entry : entries_) read.insert(entry.inputs.begin(), entry.inputs.end());
  std::vector<Entry*> ends;
  for (Entry& entry : entries_)
    if (!read.contains(entry.name)) ends.push_back(&entry);
  if (outputs_.empty() && !ends.empty()) {
    outputs_ = {ends.back()->name};
    ends.pop_back();
  }
  for (Entry* entry : ends)
    entry->object.error("", "no layer reads the output of " + in_quotes(entry->name) +
                                ", and the network's output is " + in_quotes(outputs_[0]) +
                                "; remove it, list it under another layer's inputs or under "
                                "model.outputs");
}

// In order, as far as shapes are known: what only follows from an earlier error is not reported.
void GraphReader::infer_shapes() {
  for (const std::size_t i : order_) {
    Entry& entry = entries_[i];
    const bool is_known = std::ranges::all_of(
        entry.inputs, [&](const std::string& name) { return index_.contains(name); });
    if (entry.layer && is_known) infer_shape(entry);
  }
}

void GraphReader::infer_shape(Entry& entry) {
  std::vector<Shape> shapes;
  Node node{entry.name, entry.type, nullptr, {}, {}};
  for (const std::string& name : entry.inputs) {
    node.inputs.push_back(index_.at(name));
    shapes.push_back(node.inputs.back() == Node::kNetworkInput
                         ? input_
                         : nodes_[static_cast<std::size_t>(node.inputs.back())].shape);
  }
  const std::string who = "layer " + in_quotes(entry.name) + " (" + entry.type + "): ";
  for (const ArgumentError& error : entry.layer->errors(shapes))
    entry.object.error(error.argument, who + error.message);
  try {
    node.shape = entry.layer->output_shape(shapes);
    if (entry.object.is_sound()) entry.layer->parameters(shapes);  // must be countable, too
  } catch (const Error& error) {
    const std::string hint = hint_for(entry, node.inputs);
    entry.object.error("", who + error.what() + names_and_shapes(entry.inputs, shapes) + hint);
    return;
  }
  node.layer = std::move(entry.layer);
  index_[entry.name] = static_cast<int>(nodes_.size());
  nodes_.push_back(std::move(node));
}

// Sizes that the whole network accepts, where this layer's refusal is the file's only error.
std::string GraphReader::hint_for(const Entry& refused, const std::vector<int>& inputs) const {
  if (errors_->count() != errors_before_) return "";
  std::vector<SizedLayer> layers;
  for (const Node& node : nodes_) layers.push_back({node.layer.get(), node.inputs});
  layers.push_back({refused.layer.get(), inputs});
  std::map<std::string, int> index = index_;
  index[refused.name] = static_cast<int>(nodes_.size());
  for (const std::size_t i : order_) {
    const Entry& entry = entries_[i];
    if (index.contains(entry.name)) continue;
    std::vector<int> from;
    for (const std::string& name : entry.inputs) from.push_back(index.at(name));
    index[entry.name] = static_cast<int>(layers.size());
    layers.push_back({entry.layer.get(), from});
  }
  return fitting_sizes(input_, layers);
}

}  // namespace

std::optional<Graph> try_read_graph(JsonObject& model) { return GraphReader(model).finish(); }

Graph read_graph(JsonObject& model) {
  std::optional<Graph> graph = try_read_graph(model);
  model.errors().throw_if_any();
  return std::move(*graph);
}

}  // namespace lucid
