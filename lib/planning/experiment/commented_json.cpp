#include "planning/experiment/commented_json.h"

#include <nlohmann/json.hpp>
#include <sstream>

namespace lucid {
namespace {

constexpr std::size_t kWidth = 100;

class Writer {
 public:
  explicit Writer(const JsonComments& comments) : comments_(comments) {}

  void comment(const std::string& sentence, std::size_t indent) {
    std::istringstream words(sentence);
    std::string word, line = std::string(indent, ' ') + "//";
    const std::size_t empty = line.size();
    while (words >> word) {
      if (line.size() > empty && line.size() + 1 + word.size() > kWidth) {
        text_ += line + '\n';
        line.resize(empty);
      }
      line += ' ' + word;
    }
    text_ += line + '\n';
  }

  void value(const Json& value, const std::string& pointer, std::size_t indent,
             std::size_t column) {
    const std::string line = inline_text(value);
    if (!value.is_structured() || value.empty() ||
        (column + line.size() <= kWidth && !has_comments(pointer))) {
      text_ += line;
    } else {
      children(value, pointer, indent + 2);
      text_ += std::string(indent, ' ') + (value.is_object() ? '}' : ']');
    }
  }

  std::string& text() { return text_; }

 private:
  void children(const Json& parent, const std::string& pointer, std::size_t indent) {
    text_ += parent.is_object() ? "{\n" : "[\n";
    std::size_t left = parent.size(), index = 0;
    for (const auto& item : parent.items()) {
      const std::string key = parent.is_object() ? item.key() : std::to_string(index++);
      const std::string place = pointer + '/' + key;
      if (const auto found = comments_.find(place); found != comments_.end())
        for (const std::string& sentence : found->second) comment(sentence, indent);
      const std::string name = parent.is_object() ? Json(key).dump() + ": " : "";
      text_ += std::string(indent, ' ') + name;
      value(item.value(), place, indent, indent + name.size());
      text_ += --left > 0 ? ",\n" : "\n";
    }
  }

  // True if a value within has a comment.
  bool has_comments(const std::string& pointer) const {
    const auto next = comments_.lower_bound(pointer + '/');
    return next != comments_.end() && next->first.starts_with(pointer + '/');
  }

  // Like dump(), but with a space after each comma and colon.
  static std::string inline_text(const Json& value) {
    if (!value.is_structured() || value.empty()) return value.dump();
    std::string text;
    for (const auto& item : value.items()) {
      if (!text.empty()) text += ", ";
      if (value.is_object()) text += Json(item.key()).dump() + ": ";
      text += inline_text(item.value());
    }
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
  }

  const JsonComments& comments_;
  std::string text_;
};

}  // namespace

std::string commented_json(const Json& value, const std::vector<std::string>& head,
                           const JsonComments& comments) {
  Writer writer(comments);
  for (const std::string& sentence : head) writer.comment(sentence, 0);
  writer.value(value, "", 0, 0);
  return writer.text() + '\n';
}

}  // namespace lucid
