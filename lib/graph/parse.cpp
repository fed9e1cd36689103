#include "graph/parse.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/catalogue.h"
#include "base/text.h"
#include "layers/registry.h"

namespace lucid {
namespace {

const std::string kInputName = "input";

// A layer as the file has it, before it is put in order.
struct Entry {
  JsonObject object;
  std::string name, type;
  std::vector<std::string> inputs;
  std::unique_ptr<Layer> layer;  // null when it could not be read
};

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
      : problems_(&model.problems()), mistakes_before_(problems_->count()) {
    const Shape input = read_input(model);
    const bool input_is_sound = problems_->count() == mistakes_before_;
    for (const JsonObject& object : model.objects("layers")) read_entry(object);
    model.finish();
    check_names();
    sort();
    if (input_is_sound) infer_shapes(input);
    input_ = input;
  }

  std::optional<Graph> finish() {
    if (problems_->count() != mistakes_before_) return std::nullopt;
    return Graph(input_, std::move(nodes_));
  }

 private:
  Shape read_input(JsonObject& model);
  void read_entry(const JsonObject& object);
  void check_count(Entry& entry) const;
  void check_names();
  void sort();
  std::size_t first_in_cycle(const std::set<std::string>& taken) const;
  void check_unread();
  void infer_shapes(const Shape& input);

  Problems* problems_;
  std::size_t mistakes_before_;
  std::vector<Entry> entries_;
  std::vector<std::size_t> order_;  // of entries_, topological; empty when there is none
  std::map<std::string, int> type_counts_;
  Shape input_;
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
    object->problem("size", error.what());
    return {1, 1, 1, 1};
  }
}

void GraphReader::read_entry(const JsonObject& layer) {
  Entry entry{layer, "", "", {}, nullptr};
  JsonObject& object = entry.object;
  const std::string given = object.string("type");
  const auto type = layer_type(given);
  if (!type && object.is_sound()) object.problem("type", no_such("layer", given, layer_types()));
  entry.type = type.value_or("");
  std::string automatic = entry.type;
  std::ranges::transform(automatic, automatic.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  automatic += "_" + std::to_string(++type_counts_[entry.type]);
  entry.name = object.string("name", automatic);
  if (entry.name.empty() || entry.name.find('/') != std::string::npos || entry.name == kInputName)
    object.problem("name",
                   "expected a name that is not empty, not 'input' and holds no '/', found " +
                       in_quotes(entry.name));
  entry.inputs = object.strings("inputs", false);
  if (entry.inputs.empty()) entry.inputs = {entries_.empty() ? kInputName : entries_.back().name};
  if (type) {
    entry.layer = make_layer(*type, object);
    if (entry.layer != nullptr) check_count(entry);
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
  entry.object.problem("inputs", "expected " + expected + ", found " + std::to_string(found));
}

void GraphReader::check_names() {
  std::map<std::string, std::string> seen;  // name -> pointer
  std::vector<std::string> names{kInputName};
  for (Entry& entry : entries_) {
    const auto [at, is_new] = seen.emplace(entry.name, entry.object.pointer());
    if (!is_new)
      entry.object.problem(
          "name", "the name " + in_quotes(entry.name) + " stands already at " + at->second);
    names.push_back(entry.name);
  }
  for (Entry& entry : entries_)
    for (const std::string& input : entry.inputs)
      if (std::ranges::find(names, input) == names.end())
        entry.object.problem("inputs", "no layer " + in_quotes(input) + suggestion(input, names));
}

// Repeatedly takes the first layer of the file whose inputs are all taken, so a list in order stays
// as it is.
void GraphReader::sort() {
  if (problems_->count() != mistakes_before_) {
    for (std::size_t i = 0; i < entries_.size(); ++i) order_.push_back(i);
    return;
  }
  std::set<std::string> taken{kInputName};
  std::vector<bool> is_taken(entries_.size(), false);
  while (order_.size() < entries_.size()) {
    const auto is_ready = [&](const Entry& entry) {
      return std::ranges::all_of(entry.inputs,
                                 [&](const std::string& name) { return taken.contains(name); });
    };
    std::size_t next = 0;
    while (next < entries_.size() && (is_taken[next] || !is_ready(entries_[next]))) ++next;
    if (next == entries_.size()) {
      Entry& entry = entries_[first_in_cycle(taken)];
      entry.object.problem("inputs", "layer " + in_quotes(entry.name) +
                                         " waits for its own output; break the cycle");
      order_.clear();
      return;
    }
    is_taken[next] = true;
    taken.insert(entries_[next].name);
    order_.push_back(next);
  }
  check_unread();
}

// Of a cycle among the layers that could not be taken: the one that stands first in the file. From
// any of them, a walk to an input that was not taken either ends in a cycle.
std::size_t GraphReader::first_in_cycle(const std::set<std::string>& taken) const {
  const auto is_open = [&](const std::string& name) { return !taken.contains(name); };
  std::vector<std::size_t> walk;
  auto at = std::ranges::find_if(entries_, is_open, &Entry::name);
  for (;;) {
    const auto index = static_cast<std::size_t>(at - entries_.begin());
    const auto seen = std::ranges::find(walk, index);
    if (seen != walk.end()) return *std::min_element(seen, walk.end());
    walk.push_back(index);
    const std::string& wanted = *std::ranges::find_if(at->inputs, is_open);
    at = std::ranges::find(entries_, wanted, &Entry::name);
  }
}

// Every layer but one, the output, must be read by another.
void GraphReader::check_unread() {
  std::set<std::string> read;
  for (const Entry& entry : entries_) read.insert(entry.inputs.begin(), entry.inputs.end());
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (!read.contains(entries_[i].name)) ends.push_back(i);
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    Entry& entry = entries_[ends[i]];
    entry.object.problem("", "no layer reads the output of " + in_quotes(entry.name) +
                                 ", and the network's output is " +
                                 in_quotes(entries_[ends.back()].name) +
                                 "; remove it or list it under another layer's inputs");
  }
  // The output comes last, whatever the order of the file.
  if (ends.size() == 1)
    std::stable_partition(order_.begin(), order_.end(),
                          [&](std::size_t i) { return i != ends[0]; });
}

// In order, as far as shapes are known: what only follows from an earlier mistake is not reported.
void GraphReader::infer_shapes(const Shape& input) {
  std::map<std::string, int> index{{kInputName, Node::kNetworkInput}};
  for (const std::size_t i : order_) {
    Entry& entry = entries_[i];
    const bool is_known = std::ranges::all_of(
        entry.inputs, [&](const std::string& name) { return index.contains(name); });
    if (!entry.layer || !is_known) continue;
    std::vector<Shape> shapes;
    Node node{entry.name, entry.type, nullptr, {}, {}};
    for (const std::string& name : entry.inputs) {
      node.inputs.push_back(index.at(name));
      shapes.push_back(node.inputs.back() == Node::kNetworkInput
                           ? input
                           : nodes_[static_cast<std::size_t>(node.inputs.back())].shape);
    }
    const std::string who = "layer " + in_quotes(entry.name) + " (" + entry.type + "): ";
    for (const Complaint& complaint : entry.layer->complaints(shapes))
      entry.object.problem(complaint.argument, who + complaint.message);
    try {
      node.shape = entry.layer->output_shape(shapes);
      if (entry.object.is_sound())
        entry.layer->parameters(shapes);  // their sizes must be countable, too
    } catch (const Error& error) {
      entry.object.problem("", who + error.what() + names_and_shapes(entry.inputs, shapes));
      continue;
    }
    node.layer = std::move(entry.layer);
    index[entry.name] = static_cast<int>(nodes_.size());
    nodes_.push_back(std::move(node));
  }
}

}  // namespace

std::optional<Graph> try_read_graph(JsonObject& model) { return GraphReader(model).finish(); }

Graph read_graph(JsonObject& model) {
  std::optional<Graph> graph = try_read_graph(model);
  model.problems().throw_if_any();
  return std::move(*graph);
}

}  // namespace lucid
