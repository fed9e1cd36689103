#include "base/json.h"

#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

// Returns what reading one object reports, without "a.json: " at the start of each line.
std::string report(const std::string& text, const std::function<void(JsonObject&)>& read) {
  const Json value = parse_json(text, "a.json");
  ConfigErrors errors("a.json");
  JsonObject object(value, "", errors);
  read(object);
  try {
    errors.throw_if_any();
  } catch (const Error& error) {
    std::string lines = error.what();
    for (std::size_t at = 0; (at = lines.find("a.json: ", at)) != std::string::npos;)
      lines.erase(at, 8);
    return lines;
  }
  return "";
}

struct ReadValue {
  std::string value, message;  // the value of "k"; an empty message means that it is accepted
};

template <class Read>
void check(const Read& read, const std::vector<ReadValue>& rows) {
  for (const ReadValue& row : rows) {
    INFO(row.value);
    const std::string text = row.value.empty() ? "{}" : "{\"k\": " + row.value + "}";
    CHECK(report(text, read) == row.message);
  }
}

}  // namespace

TEST_CASE("an integer is an integer within its range") {
  check(
      [](JsonObject& o) {
        o.integer("k", {1, 5});
      },
      {{"1", ""},
       {"5", ""},
       {"0", "/k: expected an integer from 1 to 5, found 0"},
       {"6", "/k: expected an integer from 1 to 5, found 6"},
       {"2.0", "/k: expected an integer from 1 to 5, found 2.0"},
       {"true", "/k: expected an integer from 1 to 5, found true"},
       {"\"3\"", "/k: expected an integer from 1 to 5, found '3'"},
       {"null", "/k: expected an integer from 1 to 5, found null"},
       {"", "/: expected the key 'k' (an integer from 1 to 5), found none"}});
  check([](JsonObject& o) { o.integer("k", {}); },
        {{"-9223372036854775808", ""},
         {"9223372036854775807", ""},
         {"9223372036854775808", "/k: expected an integer, found 9223372036854775808"},
         {"18446744073709551615", "/k: expected an integer, found 18446744073709551615"}});
  check([](JsonObject& o) { o.integer("k", {.low = 1}); },
        {{"0", "/k: expected an integer >= 1, found 0"}});
  check([](JsonObject& o) { o.integer("k", {.high = 1}); },
        {{"2", "/k: expected an integer <= 1, found 2"}});
}

TEST_CASE("a number is finite and within its range, whose ends may be left out") {
  check([](JsonObject& o) { o.number("k", {.low = 0, .high = 1, .below_high = true}); },
        {{"0", ""},
         {"0.5", ""},
         {"1", "/k: expected a number >= 0 and < 1, found 1"},
         {"-1e-9", "/k: expected a number >= 0 and < 1, found -1e-09"},
         {"\"0\"", "/k: expected a number >= 0 and < 1, found '0'"},
         {"", "/: expected the key 'k' (a number >= 0 and < 1), found none"}});
  check([](JsonObject& o) { o.number("k", {.low = 0, .above_low = true}); },
        {{"1e-300", ""}, {"0", "/k: expected a number > 0, found 0"}});
  check([](JsonObject& o) { o.number("k", {.high = 2.5}); },
        {{"-7", ""}, {"3", "/k: expected a number <= 2.5, found 3"}});
}

TEST_CASE("a boolean is true or false, not 0 or 1") {
  check([](JsonObject& o) { o.boolean("k"); },
        {{"true", ""},
         {"1", "/k: expected true or false, found 1"},
         {"\"true\"", "/k: expected true or false, found 'true'"},
         {"", "/: expected the key 'k' (true or false), found none"}});
}

TEST_CASE("a string is a string, a choice one of those known") {
  check([](JsonObject& o) { o.string("k"); },
        {{"\"\"", ""},
         {"3", "/k: expected a string, found 3"},
         {"", "/: expected the key 'k' (a string), found none"}});
  const std::vector<std::string> known = {"mean", "sum"};
  check([&](JsonObject& o) { o.choice("k", known); },
        {{"\"sum\"", ""},
         {"\"meen\"", "/k: expected one of mean, sum, found 'meen'; did you mean 'mean'?"},
         {"\"banana\"", "/k: expected one of mean, sum, found 'banana'"},
         {"3", "/k: expected one of mean, sum, found 3"},
         {"", "/: expected the key 'k' (one of mean, sum), found none"}});
}

TEST_CASE("a triple is one integer or three") {
  const std::string what = "an integer >= 1 or [d, h, w] of them";
  check([](JsonObject& o) { o.triple("k", {.low = 1}); },
        {{"2", ""},
         {"[1, 2, 3]", ""},
         {"0", "/k: expected " + what + ", found 0"},
         {"[1, 2]", "/k: expected " + what + ", found [1,2]"},
         {"[1, 2, 3, 4]", "/k: expected " + what + ", found [1,2,3,4]"},
         {"[1, 0, 3]", "/k: expected " + what + ", found [1,0,3]"},
         {"[1, [2], 3]", "/k: expected " + what + ", found [1,[2],3]"},
         {"2.5", "/k: expected " + what + ", found 2.5"},
         {"", "/: expected the key 'k' (" + what + "), found none"}});
}

TEST_CASE("lists of numbers and strings hold at least one") {
  check([](JsonObject& o) { o.numbers("k", {.low = 0}); },
        {{"[0, 1.5]", ""},
         {"", ""},
         {"null", ""},
         {"[]", "/k: expected a list of numbers, each a number >= 0, found []"},
         {"[1, -1]", "/k: expected a list of numbers, each a number >= 0, found [1,-1]"},
         {"3", "/k: expected a list of numbers, each a number >= 0, found 3"}});
  check([](JsonObject& o) { o.strings("k", true); },
        {{"\"a\"", ""},
         {"[\"a\", \"b\"]", ""},
         {"[]", "/k: expected a string or a list of strings, found []"},
         {"[\"a\", 1]", "/k: expected a string or a list of strings, found [\"a\",1]"},
         {"", "/: expected the key 'k' (a string or a list of strings), found none"}});
}

TEST_CASE("objects are named by where they stand") {
  const auto read = [](JsonObject& o) {
    for (JsonObject& child : o.objects("k")) {
      if (auto inner = child.object("in", true)) inner->integer("n", {});
      child.finish();
    }
  };
  check(read,
        {{R"([{"in": {"n": 1}}])", ""},
         {R"([{"in": {"n": 1}}, {"in": {"n": "x"}}])", "/k/1/in/n: expected an integer, found 'x'"},
         {R"([{"in": 3}])", "/k/0/in: expected an object, found 3"},
         {R"([{}])", "/k/0: expected the key 'in' (an object), found none"},
         {R"([3])", "/k/0: expected an object, found 3"},
         {"[]", "/k: expected a list of objects, at least one, found []"},
         {"{}", "/k: expected a list of objects, at least one, found {}"},
         {"", "/: expected the key 'k' (a list of objects, at least one), found none"}});
}

TEST_CASE("an absent key and null mean the default where there is one") {
  for (const char* text : {"{}", R"({"i": null, "n": null, "b": null, "s": null, "t": null})"}) {
    CHECK(report(text, [](JsonObject& o) {
            CHECK(o.integer("i", {}, 7) == 7);
            CHECK(o.number("n", {}, 0.5) == 0.5);
            CHECK(o.boolean("b", true));
            CHECK(o.string("s", "x") == "x");
            CHECK(o.triple("t", {}, Triple{1, 2, 3}) == Triple{1, 2, 3});
            CHECK_FALSE(o.has("i"));
            o.finish();
          }) == "");
  }
}

TEST_CASE("reading goes on after a mistake with a legal value") {
  CHECK(report(R"({"i": "x", "t": 0, "b": 3})",
               [](JsonObject& o) {
                 CHECK(o.integer("i", {2, 5}) == 2);
                 CHECK_FALSE(o.is_sound());
                 CHECK(o.triple("t", {.low = 1}) == Triple{1, 1, 1});
                 CHECK(o.boolean("b", true));
               }) ==
        "/i: expected an integer from 2 to 5, found 'x'\n"
        "/t: expected an integer >= 1 or [d, h, w] of them, found 0\n"
        "/b: expected true or false, found 3");
}

TEST_CASE("keys that nobody asked for are unknown") {
  CHECK(report(R"({"lr": 1, "momentun": 0, "foo": null})",
               [](JsonObject& o) {
                 o.number("lr", {});
                 o.number("momentum", {}, 0);
                 o.finish();
               }) ==
        "/momentun: unknown key; did you mean 'momentum'?\n"
        "/foo: unknown key; known: lr, momentum");
}

TEST_CASE("an argument that is not supported is taken at its default only") {
  const auto read = [](JsonObject& o) {
    o.only("mode", "zeros");
    o.only_null({"device"});
    o.finish();
  };
  CHECK(report(R"({"mode": "zeros", "device": null})", read) == "");
  CHECK(report(R"({"mode": "reflect", "device": "cpu"})", read) ==
        "/mode: expected 'zeros' (the only value supported), found 'reflect'\n"
        "/device: expected null (the only value supported), found 'cpu'");
}

TEST_CASE("a value that is no object is reported once") {
  CHECK(report("[1]", [](JsonObject& o) {
          o.integer("a", {});
          o.object("b", true);
          o.finish();
        }) == "/: expected an object, found [1]");
}

TEST_CASE("an unknown key with a slash is one step of its pointer") {
  CHECK(report(R"({"a/b": 1})", [](JsonObject& o) { o.finish(); }) == "/a~1b: unknown key");
}

TEST_CASE("long values are cut in messages") {
  CHECK(found_text(Json(std::string(100, 'x'))) == "'" + std::string(56, 'x') + "...");
  CHECK(found_text(Json::parse("[1, {\"a\": null}]")) == R"([1,{"a":null}])");
}

}  // namespace lucid
