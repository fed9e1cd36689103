#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

struct RefusedText {
  std::string text, message;
};

void check_refused(const std::vector<RefusedText>& rows) {
  for (const RefusedText& row : rows) {
    INFO(row.text);
    CHECK_THROWS_WITH_AS(parse_json(row.text, "a.json"), row.message.c_str(), Error);
  }
}

}  // namespace

TEST_CASE("JSON is read with comments and in the order of the file") {
  const Json value = parse_json("// first\n{\"b\": 1, // one\n \"a\": [2, /* two */ 3]}", "a.json");
  CHECK(json_text(value) == R"({"b":1,"a":[2,3]})");
}

TEST_CASE("slashes and tildes of a key are escaped in pointers") {
  CHECK(child_pointer("/model", "conv/1~a") == "/model/conv~11~0a");
  CHECK_THROWS_WITH_AS(parse_json(R"({"a/b": {"c~": 1, "c~": 2}})", "a.json"),
                       "a.json: /a~1b/c~0: duplicate key; remove one of the two", Error);
}

TEST_CASE("bad JSON is refused with line and column") {
  check_refused(
      {{"{\n  \"a\": tru\n}",
        "a.json: line 2, column 11: expected JSON, found an error while parsing value - invalid "
        "literal; last read: '\"a\": tru<U+000A>'"},
       {"{\"a\": 1,}",
        "a.json: line 1, column 9: expected JSON, found an error while parsing object key - "
        "unexpected '}'; expected string literal"},
       {"", "a.json: expected JSON, found an empty file"},
       {" ",
        "a.json: line 1, column 2: expected JSON, found an error while parsing value - unexpected "
        "end of input; expected '[', '{', or a literal"},
       {"{} {}",
        "a.json: line 1, column 4: expected JSON, found an error while parsing value - unexpected "
        "'{'; expected end of input"}});
}

TEST_CASE("a key that stands twice is refused wherever it is") {
  check_refused({{R"({"a": 1, "a": 2})", "a.json: /a: duplicate key; remove one of the two"},
                 {R"({"a": 1, "b": {"a": 2, "c": 3, "c": 4}})",
                  "a.json: /b/c: duplicate key; remove one of the two"},
                 {R"({"l": [1, {"x": 1}, [[], {"x": 1, "x": 2}]]})",
                  "a.json: /l/2/1/x: duplicate key; remove one of the two"},
                 {R"([[1, [2]], {"x": [], "y": 0, "x": {}}])",
                  "a.json: /1/x: duplicate key; remove one of the two"},
                 {R"({"a": {"b": 1, "b": 2}, "c": 1, "c": 1})",
                  "a.json: /a/b: duplicate key; remove one of the two\n"
                  "a.json: /c: duplicate key; remove one of the two"}});
}

TEST_CASE("the same key in different objects is no duplicate") {
  CHECK_NOTHROW(parse_json(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]})", "a.json"));
}

TEST_CASE("a JSON file that is missing or a folder is refused with its name") {
  const test::TempDir folder;
  const std::string missing = (folder / "none.json").string();
  CHECK_THROWS_WITH_AS(read_json_file(missing),
                       (missing + ": cannot be opened: No such file or directory").c_str(), Error);
  CHECK_THROWS_WITH_AS(read_json_file(folder.path()),
                       (folder.path().string() + ": expected a JSON file, found a folder").c_str(),
                       Error);
}

TEST_CASE("a JSON file is read whole") {
  const test::TempDir folder;
  CHECK(read_json_file(folder.write("a.json", "{\"a\": [1, 2]}")).at("a").size() == 2);
}

TEST_CASE("text that is no UTF-8 is written with replacement characters") {
  CHECK(json_text(Json("a\xff")) == "\"a\xef\xbf\xbd\"");
}

}  // namespace lucid
