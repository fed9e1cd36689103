#include "structure/tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "paths.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

Words words_in_backquotes(const std::string& cell) {
  Words words;
  for (auto at = cell.find('`'); at != std::string::npos; at = cell.find('`', at + 1)) {
    const auto end = cell.find('`', at + 1);
    if (end == std::string::npos) break;
    words.push_back(cell.substr(at + 1, end - at - 1));
    at = end;
  }
  return words;
}

std::vector<Room> read_ladder() {
  std::vector<Room> rooms;
  bool is_ladder = false;
  for (const std::string& line : lines_of("lib/README.md")) {
    if (line.starts_with("## ")) is_ladder = line == "## The ladder";
    if (!is_ladder || !line.starts_with("| `")) continue;
    const auto last_cell = line.rfind('|', line.size() - 2);
    rooms.push_back(
        {words_in_backquotes(line).front(), words_in_backquotes(line.substr(last_cell))});
  }
  return rooms;
}

}  // namespace

const std::vector<Room>& ladder() {
  static const std::vector<Room> rooms = read_ladder();
  return rooms;
}

bool is_room(const std::string& name) {
  return std::ranges::find(ladder(), name, &Room::name) != ladder().end();
}

bool holds(const std::string& outer, const std::string& room) {
  return room == outer || room.starts_with(outer + "/");
}

std::vector<fs::path> sources_in(const std::string& folder) {
  std::vector<fs::path> sources;
  for (const auto& entry : fs::recursive_directory_iterator(tree_root() / folder))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
      sources.push_back(fs::relative(entry.path(), tree_root()));
  std::ranges::sort(sources);
  return sources;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(tree_root() / file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Words lines_of(const fs::path& file) {
  std::istringstream stream(text_of(file));
  Words lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

fs::path tree_root() { return LUCID_SOURCE_DIR; }

std::string room_of(const fs::path& source) {
  const fs::path room = source.parent_path().lexically_relative(*source.begin());
  return room == "." ? "" : room.string();
}

}  // namespace lucid::test
