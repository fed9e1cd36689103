#include "graph/parsed_layer.h"

#include <nlohmann/json.hpp>

#include "base/registry.h"
#include "base/text.h"
#include "layers/registry.h"

namespace lucid {
namespace {

std::optional<std::string> read_type(JsonObject& object, const Blocks& blocks) {
  const std::string given = object.string("type");
  const auto type = layer_type(given);
  if (!type && object.is_sound()) {
    std::vector<std::string> known;
    if (!object.errors().is_full()) known = blocks.names();
    known.insert(known.end(), layer_types().begin(), layer_types().end());
    object.error("type", no_such("layer", given, known));
  }
  return type;
}

std::string read_name(JsonObject& object, std::size_t index) {
  const std::string name = object.string("name", "layer " + std::to_string(index));
  constexpr std::size_t kLongest = 255;
  if (name.empty() || name.find('/') != std::string::npos || name == kInputName)
    object.error("name", "expected a name that is not empty, not 'input' and holds no '/', found " +
                             in_quotes(name));
  else if (name == ".")
    object.error("name",
                 "expected another name, found '.', which in HDF5 files is the group itself");
  else if (name.size() > kLongest)
    object.error("name", "expected a name of at most 255 bytes, found " +
                             std::to_string(name.size()) + ", " + found_text(Json(name)));
  else if (printable(name) != name)
    object.error("name",
                 "expected a name of characters that can be shown, found " + in_quotes(name));
  return name;
}

void check_input_count(JsonObject& object, const InputCount& count, std::size_t found) {
  constexpr std::size_t kMost = 1000;
  if (found > kMost && count.high > kMost)
    return object.error("inputs", "expected at most 1,000 inputs, found " + std::to_string(found));
  if (found >= count.low && found <= count.high) return;
  const std::string expected = count.high == 1 ? "one input"
                               : count.low == count.high
                                   ? std::to_string(count.low) + " inputs"
                                   : std::to_string(count.low) + " or more inputs";
  object.error("inputs", "expected " + expected + ", found " + std::to_string(found));
}

}  // namespace

ParsedLayer read_layer(const JsonObject& object, const Blocks& blocks, std::size_t index) {
  ParsedLayer parsed{object, "", "", {}, nullptr};
  const auto type = read_type(parsed.object, blocks);
  parsed.type = type.value_or("");
  parsed.name = read_name(parsed.object, index);
  parsed.inputs = parsed.object.strings("inputs", false);
  for (std::string& input : parsed.inputs) input = blocks.end_of(input);
  if (!type) return parsed;
  parsed.layer = make_layer(*type, parsed.object);
  if (!parsed.inputs.empty())
    check_input_count(parsed.object, parsed.layer->input_count(), parsed.inputs.size());
  if (!parsed.object.is_sound()) parsed.layer = nullptr;
  return parsed;
}

}  // namespace lucid
