#pragma once
// Private to this room.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lucid {

// The beginning or the end of an element; <A/> is a beginning alone.
struct XmlTag {
  std::string name;  // without the prefix of a namespace
  std::map<std::string, std::string> attributes;
  bool is_end = false;

  // Returns nullptr without such an attribute.
  const std::string* find(const std::string& attribute) const;
};

// Reads the tags of a text in their order and skips all else: text, comments, declarations. It
// does not check that elements are closed.
class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : rest_(text) {}
  // Returns nullopt at the end, or where the text ends within a tag.
  std::optional<XmlTag> next();

 private:
  bool skip_special();
  std::optional<XmlTag> tag(std::string_view inside) const;

  std::string_view rest_;
};

}  // namespace lucid
