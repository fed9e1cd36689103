#include <doctest/doctest.h>

#include <map>
#include <set>

#include "structure/functions.h"
#include "structure/tree.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostUnits = 20, kMostLinesOfRoom = 3000;  // of a room of lib
constexpr std::size_t kMostLinesOfFile = 250, kMostLinesOfFunction = 40;

struct RoomSize {
  std::set<std::string> units;  // a header and its source are one
  std::size_t lines = 0;
};

std::map<std::string, RoomSize> room_sizes() {
  std::map<std::string, RoomSize> sizes;
  for (const fs::path& source : sources_in("lib")) {
    RoomSize& size = sizes[room_of(source)];
    size.units.insert(source.stem().string());
    size.lines += lines_of(source).size();
  }
  return sizes;
}

std::vector<std::size_t> first_lines(const std::string& source) {
  std::vector<std::size_t> lines;
  for (const FunctionLines& function : functions_in(source)) lines.push_back(function.first_line);
  return lines;
}

}  // namespace

TEST_CASE("a room of lib has at most 20 units and 3000 lines") {
  for (const auto& room : room_sizes()) {
    INFO(room.first);
    CHECK(room.second.units.size() <= kMostUnits);
    CHECK(room.second.lines <= kMostLinesOfRoom);
  }
}

TEST_CASE("a source file has at most 250 lines") {
  for (const char* folder : {"lib", "apps", "tests"})
    for (const fs::path& source : sources_in(folder)) {
      INFO(source.string());
      CHECK(lines_of(source).size() <= kMostLinesOfFile);
    }
}

TEST_CASE("a function has at most 40 lines") {
  for (const char* folder : {"lib", "apps", "tests"})
    for (const fs::path& source : sources_in(folder))
      for (const FunctionLines& function : functions_in(text_of(source))) {
        INFO(source.string(), ":", function.first_line);
        CHECK(function.count <= kMostLinesOfFunction);
      }
}

TEST_CASE("functions are found in namespaces and classes, each with all of its lines") {
  const std::string source = R"(namespace a {
struct Pair : Base {
  int first = 0;
  explicit Pair(int x)
      : first{x}, second_{(x)} {
    for (;;) {
    }
  }

 private:
  int second_{1};
};

const std::vector<Pair> kPairs = {Pair(1), {2}};

template <class T>
T larger(T a, T b = {}) {
  const auto less = [&] { return a < b; };
  return less() ? b : a;
}
SCENARIO("one {") { larger(1, 2); }
}
)";
  const std::vector<FunctionLines> functions = functions_in(source);
  CHECK(first_lines(source) == std::vector<std::size_t>{4, 16, 21});
  REQUIRE(functions.size() == 3);
  CHECK(functions[0].count == 5);
  CHECK(functions[1].count == 5);
  CHECK(functions[2].count == 1);
}

TEST_CASE("braces in comments, literals and directives begin no function") {
  CHECK(first_lines("// void f() {\n/* g() { */\n#define H() {\\\n}\nchar c = '{';\n"
                    "int n = 1'000;\nvoid f() { g(\"}\\\"{\", '\\'', R\"-({)\")-\"); }\n"
                    "void h() {}\n") == std::vector<std::size_t>{7, 8});
}

}  // namespace lucid::test
