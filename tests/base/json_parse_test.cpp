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

TEST_CASE("text that only looks like JSON is refused by name") {
  check_refused(
      {{"\xef\xbb\xbf[1",
        "a.json: line 1, column 6: expected JSON, found an error while parsing array - "
        "unexpected end of input; expected ']'"},
       {"[NaN]",
        "a.json: line 1, column 2: expected JSON, found an error while parsing value - "
        "invalid literal; last read: '[N'"},
       {"[1, 1e400]",
        "a.json: line 1, column 9: expected numbers of at most about 1.8e308, found 1e400"},
       {R"({"a": ["b\u0000c"]})", "a.json: /a/0: expected text without the character NUL"}});
  const std::string long_token = "[\"" + std::string(100000, 'a');
  const std::string error = [&] {
    try {
      parse_json(long_token, "a.json");
    } catch (const Error& refused) {
      return std::string(refused.what());
    }
    return std::string();
  }();
  CHECK(error.size() < 500);
}

TEST_CASE("lists within lists are refused before they are too deep for the stack") {
  CHECK_NOTHROW(parse_json(std::string(100, '[') + std::string(100, ']'), "a.json"));
  for (const int depth : {101, 100000})
    CHECK_THROWS_AS(parse_json(std::string(static_cast<std::size_t>(depth), '['), "a.json"), Error);
  std::string error;
  try {
    parse_json(R"({"a": )" + std::string(100000, '['), "a.json");
  } catch (const Error& refused) {
    error = refused.what();
  }
  CHECK(error.starts_with("a.json: /a/0/0/0/"));
  CHECK(error.ends_with("/0: expected at most 100 lists and objects in each other, found more"));
}

TEST_CASE("a value of a command line may be no JSON, but not JSON with mistakes") {
  CHECK(parse_json_value("a.h5", "--set x") == std::nullopt);
  CHECK(parse_json_value("", "--set x") == std::nullopt);
  CHECK(*parse_json_value("[1]", "--set x") == Json::array({1}));
  CHECK_THROWS_WITH_AS(parse_json_value(R"({"a": 1, "a": 1})", "--set x"),
                       "--set x: /a: duplicate key; remove one of the two", Error);
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
  CHECK_THROWS_WITH_AS(read_json_file("/dev/null"),
                       "/dev/null: expected a JSON file, found a device", Error);
  const std::filesystem::path large = folder.write("large.json", "[");
  std::filesystem::resize_file(large, (std::uintmax_t{16} << 20) + 1);
  CHECK_THROWS_WITH_AS(
      read_json_file(large),
      (large.string() + ": expected a JSON file of at most 16.0 MiB, found 16.0 MiB").c_str(),
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
