#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "structure/tree.h"

// The rules of lib/README.md that a compiler does not check.
namespace lucid::test {
namespace {

namespace fs = std::filesystem;

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

// Returns "data/hdf5/file.h" for `#include "data/hdf5/file.h"`, and "" for every other line.
fs::path included_path(const std::string& line) {
  const std::string mark = "#include \"";
  if (!line.starts_with(mark)) return "";
  return line.substr(mark.size(), line.find('"', mark.size()) - mark.size());
}

// Reports "lib/plan/plan.h:12: the line" for every line that holds the text.
void report(const std::string& text, const fs::path& source) {
  const Words lines = lines_of(source);
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (lines[i].find(text) != std::string::npos)
      FAIL_CHECK(source.string(), ":", i + 1, ": ", lines[i]);
}

// Lists the rooms in the picture of the ladder as drawn, one a line.
std::string drawn_rooms() {
  const std::string picture = text_of("lib/pictures/ladder.svg");
  const std::string mark = "<g class=\"room\" id=\"";
  std::string rooms;
  for (auto at = picture.find(mark); at != std::string::npos; at = picture.find(mark, at + 1)) {
    const auto begin = at + mark.size();
    rooms += picture.substr(begin, picture.find('"', begin) - begin) + "\n";
  }
  return rooms;
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
        if (included.empty() || !fs::exists(tree_root() / "lib" / included)) continue;
        INFO(source.string(), ": ", line);
        if (lines_of("lib" / included).at(1) == "// Private to this room.")
          CHECK(source.parent_path() == "lib" / included.parent_path());
      }
}

TEST_CASE("every room of lib has its place in the order, and every place its room") {
  for (const fs::path& source : sources_in("lib")) {
    INFO(source.string());
    CHECK(is_room(room_of(source)));
  }
  for (const Room& room : ladder()) {
    INFO(room.name);
    CHECK(fs::is_directory(tree_root() / "lib" / room.name));
  }
}

TEST_CASE("the picture of the ladder shows its rooms in order") {
  std::string rooms;
  for (const Room& room : ladder()) rooms += room.name + "\n";
  INFO("python3 lib/pictures/make_pictures.py draws it again");
  CHECK(drawn_rooms() == rooms);
}

TEST_CASE("tests lie in the folder of the room that they test") {
  const Words others = {"cli",     "fuzz",         "golden",    "structure",
                        "support", "layers/table", "train/run", ""};
  for (const fs::path& source : sources_in("tests")) {
    const std::string room = room_of(source);
    INFO(source.string());
    const bool is_other =
        std::ranges::any_of(others, [&](const auto& other) { return holds(other, room); });
    if (!is_other) CHECK(fs::is_directory(tree_root() / "lib" / room));
  }
}

TEST_CASE("dnnl:: appears in tensor, plan and layers only") {
  for (const char* folder : {"lib", "apps"})
    for (const fs::path& source : sources_in(folder)) {
      const std::string place = std::next(source.begin())->string();
      if (place != "tensor" && place != "plan" && place != "layers") report("dnnl::", source);
    }
}

TEST_CASE("only tensor/onednn.h asks for oneDNN's version") {
  for (const char* folder : {"lib", "apps"})
    for (const fs::path& source : sources_in(folder))
      if (source != fs::path("lib/tensor/onednn.h")) report("DNNL_VERSION", source);
}

TEST_CASE("headers are included once, by a pragma") {
  for (const char* folder : {"lib", "apps", "tests"})
    for (const fs::path& source : sources_in(folder)) {
      INFO(source.string());
      if (source.extension() == ".h") CHECK(lines_of(source).front() == "#pragma once");
    }
}

}  // namespace lucid::test
