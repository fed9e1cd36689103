#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// The rules of lib/README.md that a compiler does not check.
#include "paths.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path kRoot = LUCID_SOURCE_DIR;

// One row of the table in lib/README.md: a room of lib, and the rooms or folders that may include
// from it; empty where every room below it may.
struct Room {
  std::string name;
  Words only_for;
};

// The words in backquotes of one cell of a table.
Words quoted_words(const std::string& cell) {
  Words words;
  for (auto at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
    const auto end = cell.find('`', at + 1);
    if (end == std::string::npos) break;
    words.push_back(cell.substr(at + 1, end - at - 1));
    at = end;
  }
  return words;
}

// The ladder as lib/README.md tells it, lowest room first.
std::vector<Room> read_ladder() {
  std::ifstream stream(kRoot / "lib" / "README.md");
  std::vector<Room> rooms;
  bool is_ladder = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("## ")) is_ladder = line == "## The ladder";
    if (!is_ladder || !line.starts_with("| `")) continue;
    const auto last_cell = line.rfind('|', line.size() - 2);
    rooms.push_back({quoted_words(line).front(), quoted_words(line.substr(last_cell))});
  }
  return rooms;
}

const std::vector<Room>& ladder() {
  static const std::vector<Room> rooms = read_ladder();
  return rooms;
}

// "data" holds "data/hdf5", and a room holds itself.
bool holds(const std::string& outer, const std::string& room) {
  return room == outer || room.starts_with(outer + "/");
}

bool may_include(const std::string& room, const std::string& other) {
  const auto level = std::ranges::find(ladder(), room, &Room::name);
  const auto used = std::ranges::find(ladder(), other, &Room::name);
  if (level == ladder().end() || used == ladder().end()) return false;
  if (room == other) return true;
  const std::string folder = other.substr(0, other.find('/'));
  const bool is_allowed =
      used->only_for.empty() || holds(folder, room) ||
      std::ranges::any_of(used->only_for, [&](const auto& name) { return holds(name, room); });
  return used < level && is_allowed;
}

std::vector<fs::path> sources_in(const std::string& folder) {
  std::vector<fs::path> sources;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
      sources.push_back(fs::relative(entry.path(), kRoot));
  std::ranges::sort(sources);
  return sources;
}

Words lines_of(const fs::path& source) {
  std::ifstream stream(kRoot / source);
  Words lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// "lib/plan/plan.h:12: what it says", for every line that holds the text.
Words places_of(const std::string& text, const fs::path& source) {
  Words places;
  const Words lines = lines_of(source);
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find(text) != std::string::npos)
      places.push_back(source.string() + ":" + std::to_string(i + 1) + ": " + lines[i]);
  return places;
}

// "data/hdf5/file.h" of `#include "data/hdf5/file.h"`; empty for every other line.
fs::path included_path(const std::string& line) {
  const std::string mark = "#include \"";
  if (!line.starts_with(mark)) return "";
  return line.substr(mark.size(), line.find('"', mark.size()) - mark.size());
}

// "data/hdf5" of "lib/data/hdf5/file.h".
std::string room_of(const fs::path& source) {
  return source.parent_path().lexically_relative(*source.begin()).string();
}

std::string folder_of(const fs::path& source) { return std::next(source.begin())->string(); }

void report(const Words& errors) {
  for (const std::string& error : errors) FAIL_CHECK(error);
}

// What git keeps, by its first folder; empty where there is no git or no repository.
Words tracked_top_level() {
  const std::string command = "git -C '" + kRoot.string() + "' ls-files 2>/dev/null";
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

}  // namespace

TEST_CASE("lib's rooms include only from themselves and from those before them") {
  for (const fs::path& source : sources_in("lib"))
    for (const std::string& line : lines_of(source)) {
      const fs::path included = included_path(line);
      INFO(source.string(), ": ", line);
      if (!included.empty()) CHECK(may_include(room_of(source), included.parent_path().string()));
    }
}

TEST_CASE("headers that are private to a room are included from there alone") {
  for (const char* folder : {"lib", "apps"})
    for (const fs::path& source : sources_in(folder))
      for (const std::string& line : lines_of(source)) {
        const fs::path included = included_path(line);
        if (included.empty() || !fs::exists(kRoot / "lib" / included)) continue;
        INFO(source.string(), ": ", line);
        if (lines_of("lib" / included).at(1) == "// Private to this room.")
          CHECK(room_of(source) == included.parent_path().string());
      }
}

TEST_CASE("every room of lib has its place in the order, and every place its room") {
  for (const fs::path& source : sources_in("lib")) {
    INFO(source.string());
    CHECK(std::ranges::find(ladder(), room_of(source), &Room::name) != ladder().end());
  }
  for (const Room& room : ladder()) {
    INFO(room.name);
    CHECK(fs::is_directory(kRoot / "lib" / room.name));
  }
}

TEST_CASE("dnnl:: appears in tensor, plan and layers only") {
  for (const char* folder : {"lib", "apps"})
    for (const fs::path& source : sources_in(folder)) {
      const std::string place = folder_of(source);
      if (place != "tensor" && place != "plan" && place != "layers")
        report(places_of("dnnl::", source));
    }
}

TEST_CASE("only tensor/onednn.h asks for oneDNN's version") {
  for (const char* folder : {"lib", "apps"})
    for (const fs::path& source : sources_in(folder))
      if (source != fs::path("lib/tensor/onednn.h")) report(places_of("DNNL_VERSION", source));
}

TEST_CASE("headers are included once, by a pragma") {
  for (const char* folder : {"lib", "apps", "tests"})
    for (const fs::path& source : sources_in(folder)) {
      INFO(source.string());
      if (source.extension() == ".h") CHECK(lines_of(source).front() == "#pragma once");
    }
}

TEST_CASE("no source file is longer than 400 lines") {
  for (const char* folder : {"lib", "apps", "tests"})
    for (const fs::path& source : sources_in(folder)) {
      INFO(source.string());
      CHECK(lines_of(source).size() <= 400);
    }
}

TEST_CASE("tests have names of their own that ctest can list") {
  const std::string begin = "TEST_CASE(\"";
  Words names;
  for (const fs::path& source : sources_in("tests"))
    for (const std::string& line : lines_of(source)) {
      if (!line.starts_with(begin)) continue;
      INFO(source.string(), ": ", line);
      names.push_back(line.substr(begin.size(), line.rfind('"') - begin.size()));
      CHECK(names.back().find_first_of("[];*") == std::string::npos);
    }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) FAIL_CHECK(*twice);
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

}  // namespace lucid
