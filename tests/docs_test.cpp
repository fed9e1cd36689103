#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

// What the documents say of the code.
namespace lucid {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = LUCID_SOURCE_DIR;

std::string text_of(const fs::path& path) {
  std::ifstream stream(kRoot / path);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::set<std::string> matches_in(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    found.insert((*at)[1]);
  return found;
}

// The part of a document under "## heading".
std::string section(const std::string& document, const std::string& heading) {
  const auto begin = document.find("\n## " + heading + "\n");
  if (begin == std::string::npos) return {};
  return document.substr(begin, document.find("\n## ", begin + 1) - begin);
}

// What the code asks JSON objects for: object.integer("kernel_size", ...).
std::set<std::string> keys_read_in(const fs::path& source) {
  static const std::regex read(
      R"re((?:(?:object|data)\.find|(?:\.|->)(?:integer|number|boolean|string|choice|triple|numbers|strings|object|objects|has))\("(\w+)")re");
  return matches_in(text_of(source), read);
}

}  // namespace

TEST_CASE("configs/README.md names every key that is read from an experiment file") {
  const std::string document = text_of("configs/README.md");
  const std::set<std::string> switches = {"dampening"};  // of PyTorch, accepted at their default
  for (const char* folder : {"train", "graph", "layers", "data", "objective"})
    for (const auto& entry : fs::directory_iterator(kRoot / "lib" / folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() != ".cpp" || name == "override.cpp" || name == "resume.cpp" ||
          name == "run_log.cpp" || name == "progress.cpp")
        continue;
      for (const std::string& key : keys_read_in(entry.path())) {
        INFO(name, " reads ", key);
        const bool is_there = std::regex_search(document, std::regex("[`.]" + key + "[`.]")) ||
                              switches.contains(key);
        CHECK(is_there);
      }
    }
}

TEST_CASE("configs/README.md names no key that nothing reads") {
  std::set<std::string> read;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "lib"))
    if (entry.path().extension() == ".cpp") read.merge(keys_read_in(entry.path()));
  read.merge(std::set<std::string>{"mean", "std"});  // read by a helper, the key an argument
  const std::string document = text_of("configs/README.md");
  const std::regex row(R"(\n\| (?:`\w+`)?(?: \| )?`(?:\w+\.)*(\w+)` \| [a-z"`])");
  for (const char* heading :
       {"Top level", "model", "data", "loss", "optimizer", "scheduler", "train"}) {
    const std::string part = section(document, heading);
    INFO(heading);
    CHECK(!part.empty());
    for (const std::string& key : matches_in(part, row)) {
      INFO(key);
      const bool is_known = read.contains(key) || (key[0] >= 'A' && key[0] <= 'Z');
      CHECK(is_known);
    }
  }
}

TEST_CASE("configs/README.md lists every experiment file, and each says how its data is made") {
  const std::string document = text_of("configs/README.md");
  for (const auto& entry : fs::directory_iterator(kRoot / "configs")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".json") continue;
    INFO(name);
    CHECK(document.find("[" + name + "](" + name + ")") != std::string::npos);
    CHECK(text_of(entry.path()).starts_with("// "));
  }
}

TEST_CASE("lib/README.md has a line for every file of lib, and for nothing else") {
  const std::string document = text_of("lib/README.md");
  for (const auto& folder : fs::directory_iterator(kRoot / "lib")) {
    if (!folder.is_directory()) continue;
    const std::string name = folder.path().filename().string();
    std::set<std::string> listed =
        matches_in(section(document, name), std::regex(R"(\n\| `([\w.]+)` \|)"));
    for (const auto& file : fs::directory_iterator(folder.path())) {
      const std::string full = file.path().filename().string(), stem = file.path().stem().string();
      const bool is_pair =
          fs::exists(folder.path() / (stem + ".h")) && fs::exists(folder.path() / (stem + ".cpp"));
      INFO("lib/", name, "/", full);
      CHECK(section(document, name).find("\n| `" + (is_pair ? stem : full) + "` |") !=
            std::string::npos);
      listed.erase(is_pair ? stem : full);
    }
    for (const std::string& left : listed)
      FAIL_CHECK("lib/README.md: no file " << name << "/" << left);
  }
}

}  // namespace lucid
