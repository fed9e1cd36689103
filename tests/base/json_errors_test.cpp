#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "support/from_text.h"

namespace lucid {
namespace {

// Reads an object that knows the keys "known" and "needed".
std::string errors_of(const std::string& text) {
  std::string error = test::error_of([&] {
    const Json json = parse_json(text, "a.json");
    ConfigErrors errors("a.json");
    JsonObject object(json, "", errors);
    object.integer("known", {}, 1);
    object.integer("needed", {});
    object.finish();
    errors.throw_if_any();
  });
  if (!error.empty()) error.erase(0, 3);  // "2: "
  return error;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("of many mistakes, forty are told and the others counted") {
  std::string text = R"({"needed": 1)";
  for (int i = 0; i < 200000; ++i) text += ", \"unknown" + std::to_string(i) + "\": 1";
  const std::string errors = errors_of(text + "}");
  const std::vector<std::string> lines = split(errors, '\n');
  REQUIRE(lines.size() == 41);
  CHECK(lines[0] == "a.json: /unknown0: unknown key; known: known, needed");
  CHECK(lines[40] == "a.json: and 199,960 more mistakes");
}

TEST_CASE("forty-one mistakes are forty and one more") {
  std::string text = R"({"needed": 1)";
  for (int i = 0; i < 41; ++i) text += ", \"x" + std::to_string(i) + "\": 1";
  CHECK(split(errors_of(text + "}"), '\n').back() == "a.json: and 1 more mistake");
}

TEST_CASE("long keys and values are cut in messages") {
  const std::string errors = errors_of("{\"needed\": 1, \"" + std::string(100000, 'k') +
                                       "\": 1, \"known\": \"" + std::string(100000, 'v') + "\"}");
  const std::vector<std::string> lines = split(errors, '\n');
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "a.json: /known: expected an integer, found '" + std::string(56, 'v') + "...");
  CHECK(lines[1] == "a.json: /" + std::string(64, 'k') + "..." + std::string(33, 'k') +
                        ": unknown key; known: known, needed");
}

TEST_CASE("a list of a million values is shown by its first ones") {
  CHECK(errors_of("{\"needed\": [1" + repeated(",1", 1000000) + "]}") ==
        "a.json: /needed: expected an integer, found [" + repeated("1,", 28) + "...");
}

TEST_CASE("of many duplicate keys, forty are told") {
  std::string text = "{\"a\": 1";
  for (int i = 0; i < 100000; ++i)
    text += ", \"" + std::to_string(i) + "\": 1, \"" + std::to_string(i) + "\": 2";
  const std::string errors = errors_of(text + "}");
  CHECK(errors.ends_with("\na.json: and 99,960 more mistakes"));
}

}  // namespace lucid
