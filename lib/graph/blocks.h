#pragma once

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"

namespace lucid {

inline const std::string kInputName = "input";  // the network's input, and a block's

// A layer's JSON with its name and inputs in full, and where it stands in the file.
struct PlacedLayer {
  Json json;
  std::string pointer;
};

// The "blocks" of a model: named lists of layers with parameters. A layer whose type is a block's
// name stands for the block's layers; their names follow its own and a dot: "encoder.conv3d_1".
class Blocks {
 public:
  explicit Blocks(JsonObject& model);  // asks for "blocks"; errors go to the model's ConfigErrors

  std::vector<std::string> names() const;

  // The model's list of layers with every block written out.
  std::deque<PlacedLayer> write_out(const Json& layers, const std::string& pointer);

  // The layer that the name of a block in its place stands for, its last one; any other name stands
  // for itself.
  std::string end_of(std::string name) const;

  // A use of a block that holds an error, so that it was not written out.
  bool is_missing(const std::string& name) const { return missing_.contains(name); }

 private:
  struct Block {
    std::string pointer;
    std::vector<std::string> inputs;  // by which the block's layers know what it reads
    Json parameters;                  // name -> default, null where it must be given
    Json layers;
    bool is_used = false;
  };
  // One list of layers: the network's, or a block's in one of its places.
  struct Scope {
    std::string prefix;                         // "encoder."
    std::string before;                         // in full: what a layer without inputs reads
    std::map<std::string, std::string> inputs;  // a block's names for what it reads -> in full
    Json arguments;
    std::set<std::string> open;  // blocks being written out
  };

  void read_block(const std::string& name, JsonObject block);
  void place(const Json& layers, const std::string& pointer, Scope& scope);
  void place_layer(Json layer, const std::string& pointer, const std::string& name,
                   const std::vector<std::string>& inputs);
  void place_block(Block& block, const Json& use, const std::string& pointer,
                   const std::string& name, const std::vector<std::string>& inputs, Scope& scope);
  Json arguments_of(const std::string& type, const Block& block, JsonObject& use) const;
  Json substituted(const Json& value, const std::string& pointer, const Json& arguments) const;
  void check_used() const;

  ConfigErrors* errors_;
  std::map<std::string, Block> blocks_;
  std::map<std::string, std::string> ends_;
  std::set<std::string> missing_;
  std::deque<PlacedLayer> placed_;
};

}  // namespace lucid
