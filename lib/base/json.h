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
#include <vector>

#include "base/error.h"
#include "base/triple.h"

namespace lucid {

using Json = nlohmann::ordered_json;  // keys stay in the order of the file

// Collects the errors of one file, so that all are reported at once.
class ConfigErrors {
 public:
  explicit ConfigErrors(std::string file) : file_(std::move(file)) {}
  // "FILE: /pointer: message"; the root's pointer is "" and is written "/".
  void add(const std::string& pointer, const std::string& message);
  bool empty() const { return lines_.empty(); }
  std::size_t count() const { return lines_.size(); }
  const std::string& file() const { return file_; }
  void take_back(const std::string& line);  // one that turned out to follow from another
  const std::string& last() const { return lines_.back(); }
  void throw_if_any(ExitCode code = ExitCode::kUsage) const;  // one line an error

 private:
  std::string file_;
  std::vector<std::string> lines_;
};

// Parses JSON with // comments. Throws Error(kUsage) with line and column, or naming a key that
// stands twice.
Json parse_json(std::string_view text, const std::string& file);
Json read_json_file(
    const std::filesystem::path& path);  // throws Error(kUsage) when missing or unreadable
std::string json_text(const Json& value, int indent = -1);

// Inclusive on both sides unless `above` says that the lowest value itself is refused.
struct IntegerRange {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};
struct NumberRange {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool above_low = false;   // low itself is not allowed
  bool below_high = false;  // high itself is not allowed
};

// One JSON object being read. Every key is asked for with its type, range and default; an error
// goes to ConfigErrors and the default (or, without one, some legal value) is returned, so that
// reading goes on. finish() reports the keys nobody asked for.
class JsonObject {
 public:
  // A value that is no object is reported here, and then reads as an empty one without further
  // errors.
  JsonObject(const Json& value, std::string pointer, ConfigErrors& errors);

  const std::string& pointer() const { return pointer_; }
  ConfigErrors& errors() const { return *errors_; }
  bool has(std::string_view key);          // present and not null; counts as asked for
  const Json* find(std::string_view key);  // null when absent; JSON null is returned as such

  // Required where no fallback is given.
  std::int64_t integer(std::string_view key, IntegerRange range,
                       std::optional<std::int64_t> fallback = {});
  double number(std::string_view key, NumberRange range, std::optional<double> fallback = {});
  bool boolean(std::string_view key, std::optional<bool> fallback = {});
  std::string string(std::string_view key, std::optional<std::string> fallback = {});
  std::string choice(std::string_view key, std::span<const std::string> known,
                     std::optional<std::string> fallback = {});
  // One integer or [d, h, w].
  Triple triple(std::string_view key, IntegerRange range, std::optional<Triple> fallback = {});
  std::vector<double> numbers(std::string_view key,
                              NumberRange range);  // a list; empty when absent
  std::vector<std::string> strings(
      std::string_view key, bool required);  // a string or a list of them; not empty when required
  std::optional<JsonObject> object(std::string_view key, bool required);
  std::vector<JsonObject> objects(std::string_view key);  // required, at least one

  // An argument that PyTorch has and lucid lacks: absent or equal to its default, else an error.
  void only(std::string_view key, const Json& value);
  void only_null(std::initializer_list<std::string_view> keys);

  void error(std::string_view key,
             const std::string& message);  // at /pointer/key, or at the object for an empty key
  void expected(std::string_view key, const std::string& what,
                const Json& found);         // "expected what, found found"
  bool is_sound() const { return sound_; }  // no error was reported through this object so far
  void finish();

 private:
  const Json* required(std::string_view key, bool has_fallback, const std::string& what);

  const Json* value_;  // null when it was no object
  std::string pointer_;
  ConfigErrors* errors_;
  std::vector<std::string> known_;
  std::map<std::string, std::string> missing_;  // required keys, and the line that says so
  bool sound_ = true;
};

// The pointer to a key: RFC 6901 writes its ~ and / as ~0 and ~1.
std::string child_pointer(const std::string& pointer, std::string_view key);

// The value as messages show it, cut after 60 characters.
std::string found_text(const Json& value);

}  // namespace lucid
