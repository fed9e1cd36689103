#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>

#include "structure/tree.h"

namespace lucid::test {
namespace {

// Returns the types that a file defines in named namespaces, as "lucid::Shape". The code is
// formatted: what stands in a namespace begins its line.
Words types_in(const Words& lines) {
  static const std::regex definition(
      R"(^(struct|class|union|enum|enum class) (\w+)( final)?( :.*)?( \{.*)?$)");
  Words types;
  const std::string begin = "namespace ";
  std::string space;
  bool is_anonymous = false;
  for (const std::string& line : lines) {
    if (line == "namespace {") is_anonymous = true;
    if (line == "}  // namespace") is_anonymous = false;
    if (line.starts_with(begin) && line != "namespace {")
      space = line.substr(begin.size(), line.find(" {") - begin.size());
    std::smatch found;
    if (!is_anonymous && std::regex_match(line, found, definition))
      types.push_back(space + "::" + found[2].str());
  }
  return types;
}

}  // namespace

// The linker takes functions of two types of one name for the same, such as their copies.
TEST_CASE("a type of lib has a name of its own") {
  std::map<std::string, std::set<std::string>> files;  // by type
  for (const auto& source : sources_in("lib"))
    for (const std::string& type : types_in(lines_of(source))) files[type].insert(source.string());
  CHECK(files.size() > 500);
  for (const auto& type : files) {
    INFO(type.first, " in ", *type.second.begin(), " and ", *type.second.rbegin());
    CHECK(type.second.size() == 1);
  }
}

TEST_CASE("types are found in named namespaces, whatever they derive from") {
  CHECK(types_in({"namespace lucid {", "struct A {", "  struct Inner {",
                  "class B final : public A {", "enum class C { kOne, kTwo };", "struct Forward;",
                  "struct A::Nested {", "namespace {", "struct Hidden {", "}  // namespace",
                  "}  // namespace lucid", "namespace lucid::rows {", "struct A {};", "class D",
                  "union E {"}) == Words{"lucid::A", "lucid::B", "lucid::C", "lucid::rows::A",
                                         "lucid::rows::D", "lucid::rows::E"});
}

}  // namespace lucid::test
