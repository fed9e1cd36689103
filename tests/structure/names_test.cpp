#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "structure/tree.h"

namespace lucid::test {
namespace {

// Lists the first folder, or the name, of all that git tracks; nothing where there is no git or no
// repository.
Words tracked_top_level() {
  const std::string command = "git -C '" + tree_root().string() + "' ls-files 2>/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  Words names;
  std::array<char, 4096> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
    std::string name = line.data();
    name = name.substr(0, name.find_first_of("/\n"));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  pclose(pipe);
  return names;
}

// Returns the names of all tests, sorted.
Words test_names() {
  const std::string begin = "TEST_CASE(\"";
  Words names;
  for (const auto& source : sources_in("tests"))
    for (const std::string& line : lines_of(source))
      if (line.starts_with(begin)) {
        const auto end = std::min(line.find("\")"), line.find("\" *"));
        names.push_back(line.substr(begin.size(), end - begin.size()));
      }
  std::ranges::sort(names);
  return names;
}

}  // namespace

TEST_CASE("tests have names of their own that ctest can list") {
  const Words names = test_names();
  for (const std::string& name : names) {
    INFO(name);
    CHECK(name.find_first_of("[];*") == std::string::npos);
  }
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) FAIL_CHECK(*twice);
}

TEST_CASE("the tests that begin first are there") {
  const Words names = test_names(), rows = lines_of("tests/long_tests.txt");
  CHECK(!rows.empty());
  for (const std::string& row : rows) {
    INFO(row);
    CHECK(std::ranges::binary_search(names, row.substr(row.find(' ') + 1)));
  }
}

TEST_CASE("the top level holds what it should and nothing else") {
  const Words allowed = {"apps",         "configs",          "data",    "lib",
                         "tests",        "CMakeLists.txt",   "LICENSE", "README.md",
                         "CHANGELOG.md", "CMakePresets.json"};
  const Words names = tracked_top_level();
  if (names.empty()) MESSAGE("no git repository here: nothing to compare");
  for (const std::string& name : names) {
    INFO(name);
    const bool is_allowed =
        name.starts_with('.') || std::ranges::find(allowed, name) != allowed.end();
    CHECK(is_allowed);
  }
}

}  // namespace lucid::test
