#pragma once

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

// Names the network's input, and the input of a block that lists none.
inline const std::string kInputName = "input";

// Holds a layer's JSON with its name and inputs in full, and its place in the file.
struct PlacedLayer {
  Json json;
  std::string pointer;
};

// Expands the "blocks" of a model: named lists of layers with parameters. A layer whose type is the
// name of a block stands for the block's layers, "encoder.conv3d_1" and so on.
class Blocks {
 public:
  // Reads "blocks"; errors go to the model's ConfigErrors.
  explicit Blocks(JsonObject& model);

  std::vector<std::string> names() const;

  // Returns the model's list of layers with every block replaced by its layers.
  std::deque<PlacedLayer> write_out(const Json& layers, const std::string& pointer);

  // Returns the last layer of a block for the name of its use, and any other name as it is.
  std::string end_of(std::string name) const;

  // Tells whether the name is that of a use of a block that has no layers because of an error.
  bool is_missing(const std::string& name) const { return missing_.contains(name); }

 private:
  struct Block {
    std::string pointer;
    std::vector<std::string> inputs;  // the names of its inputs among its layers
    Json parameters;                  // name -> default, null if there is none
    Json layers;                      // empty if there is an error
    bool is_used = false;
  };
  // Describes one list of layers: that of the network, or that of a block in one of its uses.
  struct Scope {
    std::string prefix;  // "encoder."
    std::string before;  // in full: the layer that a layer without inputs reads
    std::map<std::string, std::string> inputs;  // a block's names of its inputs -> names in full
    Json arguments;
    std::set<std::string> open;  // blocks being expanded
  };

  // True if the blocks stand for more than a network may have.
  bool is_too_large() const;
  void read_block(const std::string& name, JsonObject block);
  void place(const Json& layers, const std::string& pointer, Scope& scope);
  void place_layer(Json layer, const std::string& pointer, const std::string& name,
                   const std::vector<std::string>& inputs);
  void place_block(Block& block, const Json& use, const std::string& pointer,
                   const std::string& name, const std::vector<std::string>& inputs, Scope& scope);
  Json arguments_of(const std::string& type, const Block& block, JsonObject& use) const;
  Json substituted(const Json& value, const std::string& pointer, const Json& arguments);
  void check_used() const;

  ConfigErrors* errors_;
  std::map<std::string, Block> blocks_;
  std::map<std::string, std::string> ends_;
  std::set<std::string> missing_;
  std::deque<PlacedLayer> placed_;
  std::size_t uses_ = 0, values_ = 0;  // layers and uses of blocks met, values put into them
};

}  // namespace lucid
