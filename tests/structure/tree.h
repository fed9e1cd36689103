#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lucid::test {

using Words = std::vector<std::string>;

// Holds one row of the ladder in lib/README.md: a room of lib, and the rooms or folders that may
// include from it. Every room below it may where `only_for` is empty.
struct Room {
  std::string name;
  Words only_for;
};

// Returns the rooms in the order of lib/README.md, which is the only place that states it.
const std::vector<Room>& ladder();
bool is_room(const std::string& name);

// Returns whether `room` is `outer` or lies within it, as "data/hdf5" lies within "data".
bool holds(const std::string& outer, const std::string& room);

// Returns the headers and sources of a folder, relative to the root of the tree and sorted.
std::vector<std::filesystem::path> sources_in(const std::string& folder);
std::string text_of(const std::filesystem::path& file);
Words lines_of(const std::filesystem::path& file);
std::filesystem::path tree_root();

// Returns "data/hdf5" for "lib/data/hdf5/file.h", and "" for "tests/main.cpp".
std::string room_of(const std::filesystem::path& source);

}  // namespace lucid::test
