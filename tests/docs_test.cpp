#include <doctest/doctest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

// Compares the documents with the code.
#include "paths.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const fs::path kSourceTree = LUCID_SOURCE_DIR;

std::string text_of(const fs::path& path) {
  std::ifstream stream(kSourceTree / path);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Returns the word that ends before a place.
std::string word_before(const std::string& text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

std::string word_at(const std::string& text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(begin, end - begin);
}

// Returns the part of a document under "## heading".
std::string section(const std::string& document, const std::string& heading) {
  const auto begin = document.find("\n## " + heading + "\n");
  if (begin == std::string::npos) return {};
  return document.substr(begin, document.find("\n## ", begin + 1) - begin);
}

// Lists the keys that the code asks JSON objects for, as in object.integer("kernel_size", ...).
std::set<std::string> keys_read_in(const fs::path& source) {
  static const std::set<std::string> readers = {
      "integer", "number", "boolean", "string", "choice", "triple",      "numbers",
      "strings", "object", "objects", "has",    "range",  "axis_ranges", "axis_numbers"};
  const std::string text = text_of(source);
  std::set<std::string> keys;
  for (auto at = text.find("(\""); at != std::string::npos; at = text.find("(\"", at + 1)) {
    const std::string function = word_before(text, at), key = word_at(text, at + 2);
    const auto before = at - function.size();  // "." or "->"
    const bool is_method = before > 1 && (text[before - 1] == '.' || text[before - 1] == '>');
    const std::string of = is_method ? word_before(text, before - 1) : "";
    const bool is_find = function == "find" && (of == "object" || of == "data");
    if (is_method && !key.empty() && (is_find || readers.contains(function))) keys.insert(key);
  }
  return keys;
}

// Lists the key in the first cell of every row of the tables: `size` for `input.size`. If the first
// cell is empty or names a type, the key is in the second cell.
std::set<std::string> keys_in_tables(const std::string& document) {
  std::set<std::string> keys;
  for (auto row = document.find("\n| "); row != std::string::npos;
       row = document.find("\n| ", row + 1)) {
    std::size_t cell = row + 3;
    const bool is_key = document[cell] == '`' && std::islower(document[cell + 1]) != 0;
    if (!is_key) cell = document.find("| ", cell) + 2;
    if (document[cell] != '`') continue;
    const auto end = document.find('`', cell + 1);
    const std::string key = word_before(document, end);
    if (document.compare(end, 3, "` |") == 0 && std::islower(key[0]) != 0) keys.insert(key);
  }
  return keys;
}

// Lists the paths of sources, scripts and data that a document has between backquotes.
std::set<std::string> files_named_in(const std::string& document) {
  std::set<std::string> files;
  for (auto at = document.find('`'); at != std::string::npos; at = document.find('`', at + 1)) {
    const auto end = document.find('`', at + 1);
    if (end == std::string::npos) break;
    const std::string name = document.substr(at + 1, end - at - 1);
    const bool is_path = name.find('/') != std::string::npos && name.find(' ') == std::string::npos;
    for (const char* suffix : {".cpp", ".h", ".json", ".py", ".sh"})
      if (is_path && name.ends_with(suffix)) files.insert(name);
    at = end;
  }
  return files;
}

}  // namespace

TEST_CASE("files that the documents name are there") {
  for (const std::string document : {"README.md", "lib/README.md", ".github/CONTRIBUTING.md"}) {
    CHECK(!text_of(document).empty());
    for (const std::string& file : files_named_in(text_of(document))) {
      INFO(document, " names ", file);
      const bool is_there =
          fs::exists(kSourceTree / file) || fs::exists(kSourceTree / "lib" / file);
      CHECK(is_there);
    }
  }
}

TEST_CASE("configs/README.md names every key that is read from an experiment file") {
  const std::string document = text_of("configs/README.md");
  const std::set<std::string> switches = {"dampening"};  // PyTorch's, accepted at their default
  for (const char* folder : {"train", "graph", "layers", "data", "objective"})
    for (const auto& entry : fs::recursive_directory_iterator(kSourceTree / "lib" / folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() != ".cpp" || name == "override.cpp" || name == "resume.cpp" ||
          name == "run_log.cpp" || name == "progress.cpp" || name == "resume_check.cpp")
        continue;
      for (const std::string& key : keys_read_in(entry.path())) {
        INFO(name, " reads ", key);
        bool is_there = switches.contains(key);
        for (const char* before : {"`", "."})
          for (const char* after : {"`", "."})
            is_there = is_there || document.find(before + key + after) != std::string::npos;
        CHECK(is_there);
      }
    }
}

TEST_CASE("configs/README.md names no key that nothing reads") {
  std::set<std::string> read;
  for (const auto& entry : fs::recursive_directory_iterator(kSourceTree / "lib"))
    if (entry.path().extension() == ".cpp") read.merge(keys_read_in(entry.path()));
  read.merge(
      std::set<std::string>{"mean", "std"});  // read by a helper that takes the key as an argument
  const std::string document = text_of("configs/README.md");
  for (const char* heading :
       {"Top level", "model", "data", "loss", "optimizer", "scheduler", "train"}) {
    const std::string part = section(document, heading);
    INFO(heading);
    CHECK(!part.empty());
    for (const std::string& key : keys_in_tables(part)) {
      INFO(key);
      CHECK(read.contains(key));
    }
  }
}

TEST_CASE("configs/README.md lists every experiment file, and each says how its data is made") {
  const std::string document = text_of("configs/README.md");
  for (const auto& entry : fs::directory_iterator(kSourceTree / "configs")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".json") continue;
    INFO(name);
    CHECK(document.find("[" + name + "](" + name + ")") != std::string::npos);
    CHECK(text_of(entry.path()).starts_with("// "));
  }
}

}  // namespace lucid
