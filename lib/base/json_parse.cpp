#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace lucid {
namespace {

// Builds a value from what the parser meets. nlohmann's own builder keeps the last of two equal
// keys without a word, and looks at all keys of an object for each further one.
class TreeBuilder {
 public:
  explicit TreeBuilder(ConfigErrors& errors) : errors_(errors) {}

  bool null() { return add(Json()); }
  bool boolean(bool value) { return add(Json(value)); }
  bool number_integer(Json::number_integer_t value) { return add(Json(value)); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(Json(value)); }
  bool number_float(Json::number_float_t value, const std::string&) { return add(Json(value)); }
  bool string(std::string& value) {
    const bool is_cut = value.find('\0') != std::string::npos;
    add(Json(std::move(value)));
    // The names of files and datasets end with it.
    if (is_cut) errors_.add(pointer(), "expected text without the character NUL");
    return true;
  }
  bool binary(Json::binary_t&) { return false; }  // there is none in text
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    Level& level = stack_.back();
    level.key = std::move(name);
    if (!level.keys.insert(level.key).second)
      errors_.add(pointer(), "duplicate key; remove one of the two");
    return true;
  }
  bool parse_error(std::size_t position, const std::string& token, const Json::exception& error) {
    syntax_error_ = {position, token, error.what()};
    return false;
  }

  struct SyntaxError {
    std::size_t position;  // of the last byte that was read, counted from 1
    std::string token, what;
  };
  const std::optional<SyntaxError>& syntax_error() const { return syntax_error_; }
  Json& value() { return root_; }

 private:
  struct Level {
    Json* value;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  Json* place(Json value) {
    if (stack_.empty()) return &(root_ = std::move(value));
    Level& level = stack_.back();
    if (level.value->is_array())
      return &level.value->get_ref<Json::array_t&>().emplace_back(std::move(value));
    auto& members = level.value->get_ref<Json::object_t&>();
    return &members.emplace_back(level.key, std::move(value)).second;
  }
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  // Printing, comparing and copying a value go as deep into the stack as the value does.
  bool open(Json value) {
    constexpr std::size_t kDeepest = 100;
    if (stack_.size() < kDeepest) {
      stack_.push_back({place(std::move(value)), {}, {}});
      return true;
    }
    errors_.add(pointer(), "expected at most " + std::to_string(kDeepest) +
                               " lists and objects in each other, found more");
    return false;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }
  std::string pointer() const {
    std::string text;
    for (const Level& level : stack_)
      text = child_pointer(text,
                           level.value->is_object()
                               ? level.key
                               : std::to_string(std::max<std::size_t>(level.value->size(), 1) - 1));
    return text;
  }

  ConfigErrors& errors_;
  Json root_;
  std::vector<Level> stack_;  // the lists and objects that are open
  std::optional<SyntaxError> syntax_error_;
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

// Text that is no JSON at all.
class NoJson : public Error {
 public:
  explicit NoJson(const std::string& message) : Error(ExitCode::kUsage, message) {}
};

constexpr std::size_t kLongestToken = 60, kLongestReason = 300;

// Drops the parser's own name and position from its message: "syntax error while parsing value -
// invalid literal; last read: 'tru,'".
std::string reason_of(const std::string& what) {
  constexpr std::string_view kMark = "syntax error ";
  const auto at = what.find(kMark);
  return at == std::string::npos ? what : what.substr(at + kMark.size());
}

}  // namespace

std::optional<Json> parse_json_value(std::string_view text, const std::string& file) {
  try {
    return parse_json(text, file);
  } catch (const NoJson&) {
    return std::nullopt;
  }
}

Json parse_json(std::string_view text, const std::string& file) {
  // The parser's own message for empty text depends on its version.
  if (text.empty()) throw NoJson(file + ": expected JSON, found an empty file");
  // It takes a NUL for the end of the text.
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    throw NoJson(file + ": " + place_of(text, nul + 1) +
                 ": expected JSON, found the character NUL");
  ConfigErrors errors(file);
  TreeBuilder builder(errors);
  Json::sax_parse(text.begin(), text.end(), &builder, Json::input_format_t::json, true, true);
  if (const auto& error = builder.syntax_error()) {
    const std::string place = file + ": " + place_of(text, error->position) + ": ";
    if (error->what.find("number overflow") != std::string::npos)
      throw Error(ExitCode::kUsage, place + "expected numbers of at most about 1.8e308, found " +
                                        shortened(error->token, kLongestToken));
    throw NoJson(place + "expected JSON, found an error " +
                 shortened(reason_of(error->what), kLongestReason));
  }
  errors.throw_if_any();
  return std::move(builder.value());
}

Json read_json_file(const std::filesystem::path& path) {
  constexpr std::uintmax_t kMostBytes = 16 << 20;
  if (kind_of(path) == FileKind::kMissing)
    throw Error(ExitCode::kUsage, path.string() + ": cannot be opened: No such file or directory");
  check_is_file(path, "a JSON file", ExitCode::kUsage);
  std::error_code failed;
  if (const auto bytes = file_size(path, failed); !failed && bytes > kMostBytes)
    throw Error(ExitCode::kUsage, path.string() + ": expected a JSON file of at most " +
                                      bytes_text(kMostBytes) + ", found " + bytes_text(bytes));
  return parse_json(read_file(path, "a JSON file", ExitCode::kUsage), path.string());
}

std::string child_pointer(const std::string& pointer, std::string_view key) {
  constexpr std::size_t kLongestKey = 100;
  std::string text = pointer + "/";
  for (const char c : shortened(key, kLongestKey))
    text += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return text;
}

std::string json_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lucid
