#include "graph/blocks.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "layers/registry.h"

namespace lucid {
namespace {

// Every layer has these keys, so a parameter of a block must not take their place.
const std::vector<std::string> kReserved = {"type", "name", "inputs"};

// A few lines of blocks made of blocks can stand for more layers, or longer lists in them, than any
// machine can hold.
constexpr std::size_t kMostLayers = 10000, kMostValues = 1000000, kMostParameters = 100,
                      kMostNested = 32;

std::size_t count_values(const Json& value) {
  std::size_t count = 1;
  if (value.is_structured())
    for (const Json& item : value) count += count_values(item);
  return count;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Reads a string or a list of strings. The layer itself reports anything else; here it is empty.
std::vector<std::string> words_of(const Json& value) {
  if (value.is_string()) return {value.get<std::string>()};
  const bool is_list = value.is_array() && std::ranges::all_of(value, [](const Json& item) {
                         return item.is_string();
                       });
  return is_list ? value.get<std::vector<std::string>>() : std::vector<std::string>();
}

// A name or inputs that are null are the default ones.
Json without_null(Json layer) {
  if (layer.is_object())
    for (const char* key : {"name", "inputs"})
      if (layer.contains(key) && layer[key].is_null()) layer.erase(key);
  return layer;
}

void refuse_parameter(JsonObject& parameters, const std::string& key, Json& read) {
  parameters.error(key, "expected another name than a key of every layer, found " + in_quotes(key));
  read.erase(key);
}

}  // namespace

Blocks::Blocks(JsonObject& model) : errors_(&model.errors()) {
  auto blocks = model.object("blocks", false);
  if (!blocks) return;
  const Json* value = model.find("blocks");
  if (!value->is_object()) return;
  for (const auto& [name, json] : value->items())
    read_block(name, JsonObject(json, child_pointer(blocks->pointer(), name), *errors_));
}

void Blocks::read_block(const std::string& name, JsonObject block) {
  if (layer_type(name))
    block.error("", "expected a name of its own, found the layer " + in_quotes(name));
  Block read{block.pointer(), block.strings("inputs", false), Json::object(), Json::array()};
  if (read.inputs.empty()) read.inputs = {kInputName};
  if (auto parameters = block.object("parameters", false); parameters && parameters->is_sound()) {
    read.parameters = *block.find("parameters");
    if (read.parameters.size() > kMostParameters) {
      block.error("parameters", "expected at most " + std::to_string(kMostParameters) + ", found " +
                                    std::to_string(read.parameters.size()));
      read.parameters = Json::object();
    }
    for (const std::string& key : kReserved)
      if (parameters->find(key) != nullptr) refuse_parameter(*parameters, key, read.parameters);
  }
  if (!block.objects("layers").empty()) read.layers = *block.find("layers");
  block.finish();
  blocks_.emplace(name, std::move(read));
}

std::vector<std::string> Blocks::names() const {
  std::vector<std::string> names;
  for (const auto& [name, block] : blocks_) names.push_back(name);
  return names;
}

std::deque<PlacedLayer> Blocks::write_out(const Json& layers, const std::string& pointer) {
  Scope network{"", kInputName, {}, {}, {}};
  place(layers, pointer, network);
  if (is_too_large()) {
    errors_->add(pointer, uses_ > kMostLayers
                              ? "expected a network of at most 10,000 layers, found more where "
                                "blocks are written out"
                              : "expected at most 1,000,000 values in all layers, found more where "
                                "blocks are written out");
    return {};
  }
  check_used();
  return std::move(placed_);
}

bool Blocks::is_too_large() const { return uses_ > kMostLayers || values_ > kMostValues; }

// The end of a block may be that of a block in it, and so on. Names that stand twice may go round
// in circles; they are reported elsewhere.
std::string Blocks::end_of(std::string name) const {
  for (std::size_t i = 0; i <= kMostNested; ++i) {
    const auto at = ends_.find(name);
    if (at == ends_.end()) break;
    name = at->second;
  }
  return name;
}

void Blocks::place(const Json& layers, const std::string& pointer, Scope& scope) {
  std::map<std::string, int> counts;  // by type, for default names
  for (std::size_t i = 0; i < layers.size(); ++i) {
    ++uses_;
    if (is_too_large()) return;
    const std::string place_of_layer = pointer + "/" + std::to_string(i);
    const Json layer = without_null(substituted(layers[i], place_of_layer, scope.arguments));
    if (!layer.is_object() || !layer.contains("type") || !layer["type"].is_string()) {
      placed_.push_back({layer, place_of_layer});
      continue;
    }
    const auto type = layer["type"].get<std::string>();
    const std::string kind = lower(layer_type(type).value_or(type));
    std::string name = kind + "_" + std::to_string(++counts[kind]);
    if (layer.contains("name") && layer["name"].is_string()) name = layer["name"];
    name = name.empty() ? name : scope.prefix + name;
    std::vector<std::string> inputs{scope.before};
    if (layer.contains("inputs")) {
      inputs = words_of(layer["inputs"]);
      for (std::string& input : inputs) {
        const auto own = scope.inputs.find(input);
        input = own != scope.inputs.end() ? own->second : scope.prefix + input;
      }
    }
    scope.before = name;
    if (layer.contains("name") && !layer["name"].is_string()) missing_.insert(name);
    const auto block = blocks_.find(type);
    if (block == blocks_.end())
      place_layer(layer, place_of_layer, name, inputs);
    else
      place_block(block->second, layer, place_of_layer, name, inputs, scope);
  }
}

void Blocks::place_layer(Json layer, const std::string& pointer, const std::string& name,
                         const std::vector<std::string>& inputs) {
  if (!layer.contains("name") || layer["name"].is_string()) layer["name"] = name;
  if (!inputs.empty()) layer["inputs"] = inputs;
  placed_.push_back({std::move(layer), pointer});
}

void Blocks::place_block(Block& block, const Json& use, const std::string& pointer,
                         const std::string& name, const std::vector<std::string>& inputs,
                         Scope& scope) {
  block.is_used = true;
  JsonObject object(use, pointer, *errors_);
  const std::string type = object.string("type");
  object.string("name", "");
  object.strings("inputs", false);
  Scope inner{name + ".", inputs.empty() ? "" : inputs[0], {}, {}, scope.open};
  inner.arguments = arguments_of(type, block, object);
  object.finish();
  if (inputs.size() != block.inputs.size())
    object.error("inputs", "expected " + std::to_string(block.inputs.size()) + " for the block " +
                               in_quotes(type) + " (" + join(block.inputs, ", ") + "), found " +
                               std::to_string(inputs.size()));
  if (!inner.open.insert(type).second)
    object.error("type", "the block " + in_quotes(type) + " is made of itself");
  else if (inner.open.size() > kMostNested)
    object.error("type", "expected blocks at most " + std::to_string(kMostNested) +
                             " deep in each other, found more");
  if (!object.is_sound() || block.layers.empty()) {
    missing_.insert(name);
    return;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) inner.inputs[block.inputs[i]] = inputs[i];
  const std::string before = inner.before;
  place(block.layers, block.pointer + "/layers", inner);
  // A list without a single sound layer leaves no layer that others could read.
  if (inner.before == before)
    missing_.insert(name);
  else
    ends_[name] = inner.before;
}

Json Blocks::arguments_of(const std::string& type, const Block& block, JsonObject& use) const {
  Json arguments = block.parameters;
  for (auto& [key, value] : arguments.items()) {
    if (const Json* given = use.find(key))
      value = *given;
    else if (value.is_null())
      use.error("", "expected the key " + in_quotes(key) + " (a parameter of the block " +
                        in_quotes(type) + "), found none");
  }
  return arguments;
}

// Every string "$name" becomes the argument of that name. Outside of blocks nothing changes.
Json Blocks::substituted(const Json& value, const std::string& pointer, const Json& arguments) {
  if (arguments.is_null()) return value;
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (!text.starts_with('$')) return value;
    if (const auto argument = arguments.find(text.substr(1)); argument != arguments.end()) {
      values_ += count_values(*argument);
      return is_too_large() ? Json() : *argument;
    }
    std::vector<std::string> known;
    for (const auto& [key, unused] : arguments.items()) known.push_back("$" + key);
    errors_->add(pointer, "the block has no parameter " + in_quotes(text.substr(1)) +
                              (known.empty() ? "" : suggestion(text, known)));
    return {};
  }
  Json result = value;
  if (value.is_object())
    for (auto& [key, item] : result.items())
      item = substituted(item, child_pointer(pointer, key), arguments);
  if (value.is_array())
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] = substituted(result[i], pointer + "/" + std::to_string(i), arguments);
  return result;
}

// Blocks below one that was not written out are not met.
void Blocks::check_used() const {
  if (!missing_.empty()) return;
  for (const auto& [name, block] : blocks_)
    if (!block.is_used)
      errors_->add(block.pointer, "no layer uses the block " + in_quotes(name) + "; remove it");
}

}  // namespace lucid
