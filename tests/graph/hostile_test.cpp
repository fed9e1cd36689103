#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "graph/parse.h"
#include "support/from_text.h"

// Networks that took for ever, or more than all memory, are refused at once.
namespace lucid {
namespace {

std::string hostile_errors(const std::string& rest) {
  std::string error = test::error_of([&] {
    test::from_text(R"({"input": {"channels": 1, "size": 8}, )" + rest + "}", "/model",
                    [](JsonObject& model) { return read_graph(model); });
  });
  if (!error.empty()) error.erase(0, 3);  // "2: "
  return error;
}

std::string numbered(const std::string& name, int number) { return name + std::to_string(number); }

}  // namespace

TEST_CASE("a block without layers that is named as the layer before it is one error") {
  CHECK(hostile_errors(R"("blocks": {"b": {"layers": []}},
      "layers": [{"type": "ReLU", "name": "a"}, {"type": "b", "name": "a"},
                 {"type": "ReLU"}])") ==
        "a.json: /model/blocks/b/layers: expected a list of objects, at least one, found []");
  CHECK(hostile_errors(R"("blocks": {"b": {"laers": [{"type": "ReLU"}]}},
      "layers": [{"type": "ReLU", "name": "a"}, {"type": "b", "name": "a"},
                 {"type": "ReLU"}])") ==
        "a.json: /model/blocks/b/laers: unknown key; did you mean 'layers'?");
  CHECK(hostile_errors(R"("blocks": {"b": {"layers": [5]}},
      "layers": [{"type": "ReLU", "name": "a"}, {"type": "b", "name": "a"},
                 {"type": "ReLU"}])") ==
        "a.json: /model/blocks/b/layers/0: expected an object, found 5");
}

TEST_CASE("names that are empty or stand twice do not go round in circles") {
  CHECK(hostile_errors(R"("blocks": {"b": {"layers": [{"type": "ReLU", "name": ""}]}},
      "layers": [{"type": "b", "name": ""}, {"type": "b", "name": ""}, {"type": "ReLU"}])") != "");
  CHECK(hostile_errors(R"("blocks": {"b": {"layers": [{"type": "c", "name": ""}]},
                                     "c": {"layers": [{"type": "ReLU", "name": ""}]}},
      "layers": [{"type": "b", "name": ""}, {"type": "ReLU"}])") != "");
}

TEST_CASE("blocks that double what they stand for are refused") {
  std::string layers, values, deep;
  for (int i = 0; i < 30; ++i) {
    const std::string next = numbered("b", i + 1);
    layers += R"(")" + numbered("b", i) + R"(": {"layers": [{"type": ")" + next +
              R"("}, {"type": ")" + next + R"("}]}, )";
    values += R"(")" + numbered("b", i) + R"(": {"parameters": {"p": 1}, "layers": [{"type": ")" +
              next + R"(", "p": ["$p", "$p"]}]}, )";
  }
  for (int i = 0; i < 33; ++i)
    deep += R"(")" + numbered("b", i) + R"(": {"layers": [{"type": ")" + numbered("b", i + 1) +
            R"("}]}, )";
  const auto with = [](const std::string& blocks, const std::string& last) {
    return "\"blocks\": {" + blocks + last + "}, \"layers\": [{\"type\": \"b0\"}]";
  };
  CHECK(hostile_errors(with(layers, R"("b30": {"layers": [{"type": "ReLU"}]})")) ==
        "a.json: /model/layers: expected a network of at most 10,000 layers, found more where "
        "blocks are written out");
  CHECK(hostile_errors(
            with(values, R"("b30": {"parameters": {"p": 1}, "layers": [{"type": "ReLU"}]})"))
            .ends_with("expected at most 1,000,000 values in all layers, found more where blocks "
                       "are written out"));
  CHECK(
      hostile_errors(with(deep, R"("b33": {"layers": [{"type": "ReLU"}]})"))
          .ends_with("/layers/0/type: expected blocks at most 32 deep in each other, found more"));
}

TEST_CASE("a long network in the wrong order is put in order in linear time") {
  std::string layers = R"("layers": [)";
  for (int i = 9999; i > 0; --i)
    layers += R"({"type": "ReLU", "name": ")" + numbered("n", i) + R"(", "inputs": ")" +
              numbered("n", i - 1) + R"("}, )";
  CHECK(hostile_errors(layers + R"({"type": "ReLU", "name": "n0", "inputs": "input"}])") == "");
  CHECK(hostile_errors(layers + R"({"type": "ReLU", "name": "n0", "inputs": "n9999"}])")
            .starts_with("a.json: /model/layers/0/inputs: layer 'n9999' waits for 'n9998'"));
  CHECK(split(hostile_errors(layers + R"({"type": "ReLU", "name": "n9999"}])"), '\n').size() == 2);
}

TEST_CASE("thousands of names that no layer has are told in linear time") {
  std::string layers = R"("layers": [)";
  for (int i = 0; i < 9999; ++i)
    layers +=
        R"({"type": ")" + numbered("T", i) + R"(", "inputs": ")" + numbered("m", i) + R"("}, )";
  const std::string errors = hostile_errors(layers + R"({"type": "ReLU"}])");
  CHECK(split(errors, '\n').size() == 41);
}

TEST_CASE("a name or inputs that are null are the default ones") {
  CHECK(hostile_errors(R"("blocks": {"b": {"layers": [{"type": "ReLU", "name": null},
                                                     {"type": "ReLU", "inputs": null}]}},
      "layers": [{"type": "ReLU", "name": null}, {"type": "b", "name": null, "inputs": null},
                 {"type": "ReLU", "inputs": "b_1"}])") == "");
  CHECK(hostile_errors(R"("layers": [{"type": "ReLU", "name": 7}, {"type": "ReLU"}])") ==
        "a.json: /model/layers/0/name: expected a string, found 7");
}

TEST_CASE("what stands in place of a model is one error") {
  for (const std::string value : {"null", "true", "5", "\"x\"", "[]"}) {
    CAPTURE(value);
    CHECK(test::error_of([&] {
            test::from_text(value, "/model", [](JsonObject& model) { return read_graph(model); });
          }) == "2: a.json: /model: expected an object, found " +
                    (value == "\"x\"" ? std::string("'x'") : value));
  }
}

TEST_CASE("names that HDF5 or a terminal cannot hold are refused") {
  const auto error = [](const std::string& name) {
    return hostile_errors(R"("layers": [{"type": "ReLU", "name": ")" + name + R"("}])");
  };
  const std::string place = "a.json: /model/layers/0/name: expected ";
  CHECK(error(".") == place + "another name, found '.', which in HDF5 files is the group itself");
  CHECK(error(std::string(100000, 'n')) ==
        place + "a name of at most 255 bytes, found 100000, '" + std::string(56, 'n') + "...");
  CHECK(error("a\\u001bb") == place + "a name of characters that can be shown, found 'a\\x1bb'");
}

}  // namespace lucid
