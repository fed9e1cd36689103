#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace lucid {
namespace {

// Finds duplicate keys during parsing, because nlohmann::json silently keeps the last value.
class DuplicateFinder {
 public:
  bool operator()(int, Json::parse_event_t event, const Json& value) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      enter_value();
      stack_.push_back({event == Event::array_start, {}, {}, 0});
    } else if (event == Event::object_end || event == Event::array_end) {
      stack_.pop_back();
    } else if (event == Event::key) {
      Level& level = stack_.back();
      level.key = value.get<std::string>();
      if (!level.keys.insert(level.key).second) duplicates_.push_back(pointer());
    } else {
      enter_value();
    }
    return true;
  }
  const std::vector<std::string>& duplicates() const { return duplicates_; }

 private:
  struct Level {
    bool is_array;
    std::string key;
    std::set<std::string> keys;
    std::size_t values;  // elements of an array seen so far
  };
  void enter_value() {
    if (!stack_.empty() && stack_.back().is_array) ++stack_.back().values;
  }
  std::string pointer() const {
    std::string text;
    for (const Level& level : stack_)
      text = child_pointer(text, level.is_array ? std::to_string(level.values - 1) : level.key);
    return text;
  }

  std::vector<Level> stack_;
  std::vector<std::string> duplicates_;
};

// Returns "line 3, column 7" for byte `at`, which counts from 1.
std::string place_of(std::string_view text, std::size_t at) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i + 1 < at && i < text.size(); ++i) {
    column = text[i] == '\n' ? 1 : column + 1;
    line += text[i] == '\n' ? 1U : 0U;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Drops the parser's own name and position from its message: "syntax error while parsing value -
// invalid literal; last read: 'tru,'".
std::string reason_of(const std::string& what) {
  constexpr std::string_view kMark = "syntax error ";
  const auto at = what.find(kMark);
  return at == std::string::npos ? what : what.substr(at + kMark.size());
}

}  // namespace

Json parse_json(std::string_view text, const std::string& file) {
  // The parser's own message for empty text depends on its version.
  if (text.empty()) throw Error(ExitCode::kUsage, file + ": expected JSON, found an empty file");
  DuplicateFinder finder;
  Json value;
  try {
    value = Json::parse(text.begin(), text.end(), std::ref(finder), true, true);
  } catch (const Json::parse_error& error) {
    throw Error(ExitCode::kUsage, file + ": " + place_of(text, error.byte) +
                                      ": expected JSON, found an error " + reason_of(error.what()));
  } catch (const Json::exception& error) {  // a number too large for a double
    throw Error(ExitCode::kUsage, file + ": expected JSON, found " + std::string(error.what()));
  }
  ConfigErrors errors(file);
  for (const std::string& pointer : finder.duplicates())
    errors.add(pointer, "duplicate key; remove one of the two");
  errors.throw_if_any();
  return value;
}

Json read_json_file(const std::filesystem::path& path) {
  if (kind_of(path) == FileKind::kMissing)
    throw Error(ExitCode::kUsage, path.string() + ": cannot be opened: No such file or directory");
  return parse_json(read_file(path, "a JSON file", ExitCode::kUsage), path.string());
}

std::string child_pointer(const std::string& pointer, std::string_view key) {
  std::string text = pointer + "/";
  for (const char c : key)
    text += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return text;
}

std::string json_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lucid
