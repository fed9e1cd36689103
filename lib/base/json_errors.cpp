#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr std::size_t kMostLines = 40, kLongestPointer = 300;

// Appends the value's JSON, but goes no further than it takes for `longest` bytes: neither the size
// nor the depth of a value is bounded.
void add_text(const Json& value, std::size_t longest, std::string& text) {
  if (text.size() > longest) return;
  if (value.is_string() && value.get_ref<const std::string&>().size() > longest) {
    text += json_text(Json(value.get_ref<const std::string&>().substr(0, longest)));
  } else if (value.is_array()) {
    text += '[';
    for (std::size_t i = 0; i < value.size() && text.size() <= longest; ++i) {
      text += i == 0 ? "" : ",";
      add_text(value[i], longest, text);
    }
    text += ']';
  } else if (value.is_object()) {
    text += '{';
    for (const auto& [key, item] : value.get_ref<const Json::object_t&>()) {
      if (text.size() > longest) break;
      text += text.back() == '{' ? "" : ",";
      add_text(Json(key), longest, text);
      text += ':';
      add_text(item, longest, text);
    }
    text += '}';
  } else {
    text += json_text(value);
  }
}

}  // namespace

std::string ConfigErrors::add(const std::string& pointer, const std::string& message) {
  std::string line =
      message_line(file_ + ": " + (pointer.empty() ? "/" : shortened(pointer, kLongestPointer)) +
                   ": " + message);
  // The same part of a file may be read more than once, for example the layers of a block.
  if (seen_.insert(line).second && lines_.size() < kMostLines) lines_.push_back(line);
  return line;
}

void ConfigErrors::take_back(const std::string& line) {
  seen_.erase(line);
  std::erase(lines_, line);
}

bool ConfigErrors::is_full() const { return lines_.size() >= kMostLines; }

void ConfigErrors::throw_if_any(ExitCode code) const {
  if (empty()) return;
  std::vector<std::string> all = lines_;
  const std::size_t more = seen_.size() - lines_.size();
  if (more > 0)
    all.push_back(file_ + ": and " + with_thousands(static_cast<std::int64_t>(more)) +
                  (more == 1 ? " more mistake" : " more mistakes"));
  throw Error(code, all);
}

std::string found_text(const Json& value) {
  constexpr std::size_t kLongest = 60;
  std::string text;
  if (value.is_string())
    text = in_quotes(value.get_ref<const std::string&>());
  else
    add_text(value, kLongest, text);
  if (display_width(text) <= kLongest) return text;
  return std::string(cut_to_width(text, kLongest - 3)) + "...";
}

}  // namespace lucid
