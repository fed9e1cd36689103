#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "train/config/run_config.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Returns "--set KEY=VALUE", as messages begin.
std::string place_of(const std::string& assignment) {
  constexpr std::size_t kLongest = 100;
  return "--set " + shortened(assignment, kLongest);
}

Json value_of(const std::string& text, const std::string& place) {
  return parse_json_value(text, place).value_or(Json(text));
}

Json absolute_paths(const Json& value) {
  if (value == "") return value;  // refused later, with its key
  if (value.is_string()) return fs::absolute(value.get<std::string>()).lexically_normal().string();
  if (!value.is_array()) return value;
  Json list = Json::array();
  for (const Json& item : value) list.push_back(absolute_paths(item));
  return list;
}

// Paths on the command line are relative to the working directory, those in the file to the file's
// folder.
void make_paths_absolute(Json& value, const std::string& pointer) {
  constexpr std::array kPaths{"/data/train/files",      "/data/train/labels",
                              "/data/validation/files", "/data/validation/labels",
                              "/train/weights",         "/train/folds/file"};
  const bool is_path = std::ranges::find(kPaths, pointer) != kPaths.end();
  if (is_path) value = absolute_paths(value);
  if (value.is_object())
    for (auto& [key, item] : value.items()) make_paths_absolute(item, pointer + "/" + key);
}

Json& step_into(Json& at, const std::string& key, const std::string& assignment) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ExitCode::kUsage, place_of(assignment) + ": " + why);
  };
  if (at.is_null()) at = Json::object();
  if (at.is_object()) return at[key];
  if (!at.is_array())
    refuse(in_quotes(key) + " is below a value that is neither an object nor a list");
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc() || end != key.data() + key.size() || index >= at.size())
    refuse("expected an index below " + std::to_string(at.size()) + ", found " + in_quotes(key));
  return at[index];
}

}  // namespace

void override_key(Json& config, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error(ExitCode::kUsage, place_of(assignment) + ": expected key.path=value");
  constexpr std::size_t kDeepest = 100;  // as of a file
  const std::vector<std::string> keys = split(assignment.substr(0, equals), '.');
  if (keys.size() > kDeepest)
    throw Error(ExitCode::kUsage, place_of(assignment) + ": expected a path of at most " +
                                      std::to_string(kDeepest) + " keys, found " +
                                      std::to_string(keys.size()));
  Json* at = &config;
  std::string pointer;
  for (const std::string& key : keys) {
    at = &step_into(*at, key, assignment);
    pointer += "/" + key;
  }
  Json value = value_of(assignment.substr(equals + 1), place_of(assignment));
  make_paths_absolute(value, pointer);
  *at = std::move(value);
}

}  // namespace lucid
