#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

// The rules of lib/README.md that a compiler does not check.
#include "paths.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const fs::path kRoot = LUCID_SOURCE_DIR;

// A file includes from its own folder and from those before it; infer does not know train,
// nor bench infer.
const Words kFolders = {"base",    "tensor",  "kernels",   "plan",  "layers", "graph", "data",
                        "formats", "preview", "objective", "store", "train",  "infer", "bench"};

bool may_include(const std::string& folder, const std::string& other) {
  const auto level = std::ranges::find(kFolders, folder), used = std::ranges::find(kFolders, other);
  if (level == kFolders.end() || used == kFolders.end()) return false;
  return folder == other || (used < level && !(folder == "infer" && other == "train") &&
                             !(folder == "bench" && other == "infer"));
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

// "plan" of `#include "plan/plan.h"`; empty for every other line.
std::string included_folder(const std::string& line) {
  const std::string mark = "#include \"";
  if (!line.starts_with(mark)) return "";
  return line.substr(mark.size(), line.find('/') - mark.size());
}

std::string folder_of(const fs::path& source) { return source.parent_path().filename().string(); }

void report(const Words& mistakes) {
  for (const std::string& mistake : mistakes) FAIL_CHECK(mistake);
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

TEST_CASE("lib's folders include only from themselves and from those before them") {
  for (const fs::path& source : sources_in("lib"))
    for (const std::string& line : lines_of(source)) {
      const std::string included = included_folder(line);
      INFO(source.string(), ": ", line);
      if (!included.empty()) CHECK(may_include(folder_of(source), included));
    }
}

TEST_CASE("every folder of lib has its place in the order") {
  for (const auto& entry : fs::directory_iterator(kRoot / "lib"))
    if (entry.is_directory()) {
      INFO(entry.path().string());
      CHECK(std::ranges::find(kFolders, entry.path().filename().string()) != kFolders.end());
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
  const Words allowed = {"apps",  "configs",        "data",    "lib",
                         "tests", "CMakeLists.txt", "LICENSE", "README.md"};
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
