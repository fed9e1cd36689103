#include "formats/tiff/xml.h"

#include <array>

#include "formats/headers/words.h"

namespace lucid {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Writes a character as UTF-8; only those of the basic plane occur in names of units.
void append_utf8(std::string& text, std::uint32_t character) {
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += static_cast<char>(0xc0 | character >> 6);
    text += static_cast<char>(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    text += static_cast<char>(0xe0 | character >> 12);
    text += static_cast<char>(0x80 | (character >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (character & 0x3f));
  }
}

// Returns the text with references such as &quot; and &#181; resolved; what is none stays.
std::string resolved(std::string_view value) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  std::string text;
  while (!value.empty()) {
    const std::size_t end = value[0] == '&' ? value.find(';') : std::string_view::npos;
    const std::string_view name =
        end == std::string_view::npos ? std::string_view() : value.substr(1, end - 1);
    const bool is_number = name.size() > 1 && name[0] == '#';
    std::size_t used = 1;
    if (is_number) {
      const bool is_hex = name[1] == 'x';
      const std::string digits(name.substr(is_hex ? 2 : 1));
      std::uint32_t character = 0;
      const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(),
                                                 character, is_hex ? 16 : 10);
      if (error == std::errc() && stop == digits.data() + digits.size()) used = end + 1;
      if (used > 1) append_utf8(text, character);
    }
    for (const auto& [word, character] : kNamed)
      if (name == word) {
        text += character;
        used = end + 1;
      }
    if (used == 1) text += value[0];
    value.remove_prefix(used);
  }
  return text;
}

std::string without_prefix(std::string_view name) {
  const auto colon = name.find(':');
  return std::string(colon == std::string_view::npos ? name : name.substr(colon + 1));
}

}  // namespace

const std::string* XmlTag::find(const std::string& attribute) const {
  const auto at = attributes.find(attribute);
  return at == attributes.end() ? nullptr : &at->second;
}

// Skips a comment, a declaration or a section of characters at the beginning of the rest.
bool XmlReader::skip_special() {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSpecial{
      {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}}};
  for (const auto& [begin, end] : kSpecial) {
    if (!rest_.starts_with(begin)) continue;
    const auto at = rest_.find(end, begin.size());
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
    return true;
  }
  return false;
}

std::optional<XmlTag> XmlReader::next() {
  while (true) {
    const auto begin = rest_.find('<');
    if (begin == std::string_view::npos) return std::nullopt;
    rest_.remove_prefix(begin);
    if (skip_special()) continue;
    char quote = 0;  // a value in quotes may hold '>'
    for (std::size_t end = 1; end < rest_.size(); ++end) {
      const char c = rest_[end];
      if (quote == 0 && c == '>') {
        const std::string_view inside = rest_.substr(1, end - 1);
        rest_.remove_prefix(end + 1);
        return tag(inside);
      }
      if (quote == 0 && (c == '"' || c == '\''))
        quote = c;
      else if (c == quote)
        quote = 0;
    }
    return std::nullopt;
  }
}

std::optional<XmlTag> XmlReader::tag(std::string_view inside) const {
  XmlTag tag;
  tag.is_end = inside.starts_with('/');
  if (tag.is_end) inside.remove_prefix(1);
  const auto name_end = std::min(inside.find_first_of(" \t\r\n/"), inside.size());
  tag.name = without_prefix(inside.substr(0, name_end));
  inside.remove_prefix(name_end);
  while (true) {
    const auto begin = inside.find_first_not_of(kSpace);
    const auto equals = inside.find('=');
    if (begin == std::string_view::npos || equals == std::string_view::npos || equals < begin)
      return tag;
    const std::string name = without_prefix(trimmed(std::string(inside.substr(0, equals))));
    const auto open = inside.find_first_of("\"'", equals);
    if (open == std::string_view::npos) return tag;
    const auto close = inside.find(inside[open], open + 1);
    if (close == std::string_view::npos) return tag;
    tag.attributes.emplace(name, resolved(inside.substr(open + 1, close - open - 1)));
    inside.remove_prefix(close + 1);
  }
}

}  // namespace lucid
