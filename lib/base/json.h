#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "base/triple.h"

namespace lucid {

using Json = nlohmann::ordered_json;  // keys stay in the order of the file

// Collects the errors of one file, so that all are reported at once: some dozens by a line each,
// and how many more there are.
class ConfigErrors {
 public:
  explicit ConfigErrors(std::string file) : file_(std::move(file)) {}
  // Adds "FILE: /pointer: message" and returns it; the root's pointer is "" and is written "/".
  std::string add(const std::string& pointer, const std::string& message);
  bool empty() const { return seen_.empty(); }
  std::size_t count() const { return seen_.size(); }
  // True if further errors are only counted, so that hints for them are of no use.
  bool is_full() const;
  const std::string& file() const { return file_; }
  // Removes an error that turned out to follow from another one.
  void take_back(const std::string& line);
  void throw_if_any(ExitCode code = ExitCode::kUsage) const;  // one line per error

 private:
  std::string file_;
  std::vector<std::string> lines_;        // the first ones
  std::unordered_set<std::string> seen_;  // all
};

// Parses JSON with // comments. Throws Error(kUsage) with line and column, or with the pointer of a
// duplicate key.
Json parse_json(std::string_view text, const std::string& file);
// Does the same for a value of a command line, but returns nothing for text that is no JSON.
std::optional<Json> parse_json_value(std::string_view text, const std::string& file);
// Throws Error(kUsage) if the file is missing, unreadable or no plain file.
Json read_json_file(const std::filesystem::path& path);
std::string json_text(const Json& value, int indent = -1);

// Ranges include both ends unless a flag excludes one.
struct IntegerRange {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};
struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;   // excludes low itself
  bool below_high = false;  // excludes high itself
};

// Reads one JSON object. Every key is read with its type, range and default. An error is added to
// ConfigErrors and the default (or, without one, some legal value) is returned, so that reading
// continues. finish() reports the keys that nobody read.
class JsonObject {
 public:
  // A value that is not an object is reported here and then reads as an empty one without further
  // errors.
  JsonObject(const Json& value, std::string pointer, ConfigErrors& errors);

  const std::string& pointer() const { return pointer_; }
  ConfigErrors& errors() const { return *errors_; }
  bool has(std::string_view key);          // present and not null; counts as read
  const Json* find(std::string_view key);  // null when absent; JSON null is returned as such
  bool holds_string(std::string_view key);

  // Keys without a fallback are required.
  std::int64_t integer(std::string_view key, IntegerRange range,
                       std::optional<std::int64_t> fallback = {});
  double number(std::string_view key, NumberRange range, std::optional<double> fallback = {});
  bool boolean(std::string_view key, std::optional<bool> fallback = {});
  std::string string(std::string_view key, std::optional<std::string> fallback = {});
  std::string choice(std::string_view key, std::span<const std::string> known,
                     std::optional<std::string> fallback = {});
  // Reads one integer or [d, h, w].
  Triple triple(std::string_view key, IntegerRange range, std::optional<Triple> fallback = {});
  // Reads a list; empty if the key is absent.
  std::vector<double> numbers(std::string_view key, NumberRange range);
  // Reads a string or a list of strings; not empty if required.
  std::vector<std::string> strings(std::string_view key, bool required);
  std::optional<JsonObject> object(std::string_view key, bool required);
  std::vector<JsonObject> objects(std::string_view key);  // required, at least one

  // Accepts an argument of PyTorch that lucid does not implement if it is absent or has this value.
  void only(std::string_view key, const Json& value);
  void only_null(std::initializer_list<std::string_view> keys);

  // Adds an error at /pointer/key, or at the object for an empty key.
  void error(std::string_view key, const std::string& message);
  // Adds the error "expected WHAT, found FOUND".
  void expected(std::string_view key, const std::string& what, const Json& found);
  // True while no error was reported through this object.
  bool is_sound() const { return sound_; }
  void finish();

 private:
  const Json* required(std::string_view key, bool has_fallback, const std::string& what);

  const Json* value_;  // null if the value is not an object
  std::string pointer_;
  ConfigErrors* errors_;
  std::vector<std::string> known_;              // in the order of reading, for hints
  std::map<std::string, std::string> missing_;  // required keys that are missing, with their errors
  bool sound_ = true;
};

// Returns the pointer to a key for messages. RFC 6901 writes ~ and / in keys as ~0 and ~1; a long
// key is shortened.
std::string child_pointer(const std::string& pointer, std::string_view key);

// Returns the value as messages show it, cut after 60 characters.
std::string found_text(const Json& value);

}  // namespace lucid
