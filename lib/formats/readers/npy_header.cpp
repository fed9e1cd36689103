#include "formats/readers/npy_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <map>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr std::uint32_t kMostNpyHeaderBytes = 1u << 20;

// Reads a dictionary of Python's: {'descr': '<f4', 'shape': (1, 2), }. Values stay text, which may
// hold brackets, quotes and the names of other keys.
class Dictionary {
 public:
  Dictionary(std::string_view text, const std::string& place) : text_(text), place_(place) {
    skip_spaces();
    expect('{');
    for (skip_spaces(); !is_next('}'); skip_spaces()) {
      const std::string key = quoted();
      skip_spaces();
      expect(':');
      if (!values_.emplace(key, value()).second)
        fail(place_, "duplicate key " + in_quotes(key) + " in the header");
      if (is_next(',')) ++at_;
    }
    ++at_;
    skip_spaces();
    if (at_ != text_.size()) refuse();
  }

  const std::string& operator[](const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) fail(place_, "expected '" + key + "' in the header, found none");
    return found->second;
  }

 private:
  [[noreturn]] void refuse() const {
    fail(place_, "expected a dictionary in the header, found another text");
  }
  bool is_next(char c) const {
    if (at_ >= text_.size()) refuse();
    return text_[at_] == c;
  }
  void expect(char c) {
    if (!is_next(c)) refuse();
    ++at_;
  }
  void skip_spaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  std::string quoted() {
    const char quote = is_next('"') ? '"' : '\'';
    expect(quote);
    const std::size_t begin = at_;
    while (!is_next(quote)) at_ += text_[at_] == '\\' ? 2 : 1;
    return std::string(text_.substr(begin, at_++ - begin));
  }
  std::string value() {
    skip_spaces();
    const std::size_t begin = at_;
    for (int depth = 0; depth > 0 || !(is_next(',') || is_next('}'));) {
      if (is_next('\'') || is_next('"')) {
        quoted();
        continue;
      }
      const char c = text_[at_++];
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
    }
    std::string_view found = text_.substr(begin, at_ - begin);
    while (found.ends_with(' ')) found.remove_suffix(1);
    return std::string(found);
  }

  std::string_view text_;
  const std::string& place_;
  std::size_t at_ = 0;
  std::map<std::string, std::string> values_;
};

std::vector<std::int64_t> shape_of(const std::string& value, const std::string& place) {
  if (!value.starts_with('(') || !value.ends_with(')'))
    fail(place, "shape: expected a tuple, found another text");
  std::vector<std::int64_t> shape;
  for (std::string word : split(value.substr(1, value.size() - 2), ',')) {
    std::erase(word, ' ');
    if (word.empty()) continue;
    if (word.ends_with('L')) word.pop_back();  // an integer of Python 2
    std::int64_t extent = -1;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), extent);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size())
      fail(place, "shape: expected integers, found " + in_quotes(word));
    shape.push_back(extent);
  }
  return shape;
}

std::optional<NumberCoding> coding_named(const std::string& text) {
  struct Named {
    const char* name;
    ElementType element;
  };
  static constexpr std::array<Named, 12> kTypes{{{"f2", ElementType::kUint16},
                                                 {"b1", ElementType::kUint8},
                                                 {"u1", ElementType::kUint8},
                                                 {"i1", ElementType::kInt8},
                                                 {"u2", ElementType::kUint16},
                                                 {"i2", ElementType::kInt16},
                                                 {"u4", ElementType::kUint32},
                                                 {"i4", ElementType::kInt32},
                                                 {"u8", ElementType::kUint64},
                                                 {"i8", ElementType::kInt64},
                                                 {"f4", ElementType::kFloat32},
                                                 {"f8", ElementType::kFloat64}}};
  constexpr char kOther = std::endian::native == std::endian::little ? '>' : '<';
  const bool has_order =
      !text.empty() && std::string_view("<>|=").find(text[0]) != std::string_view::npos;
  const std::string kind = has_order ? text.substr(1) : text;
  for (const Named& type : kTypes) {
    if (kind != type.name) continue;
    NumberCoding coding;
    coding.stored = type.element;
    coding.is_half = kind == "f2";
    coding.is_swapped = text[0] == kOther && element_bytes(type.element) > 1;
    return coding;
  }
  return std::nullopt;
}

NumberCoding coding_of(const std::string& value, const std::string& place) {
  constexpr std::size_t kMostShown = 2000;
  const bool is_text = value.size() > 1 && (value[0] == '\'' || value[0] == '"');
  const std::string name = is_text ? value.substr(1, value.size() - 2) : value;
  if (const auto coding = is_text ? coding_named(name) : std::nullopt) return *coding;
  const std::string shown = shortened(name, kMostShown);
  throw UnsupportedArray(place, "expected integers or floats, found numbers of type " +
                                    (is_text ? in_quotes(shown) : shown));
}

std::string read_text(ByteStream& bytes, const std::string& place) {
  std::array<std::byte, 8> begin{};
  read_exactly(bytes, begin, place, "header");
  const std::string_view mark(reinterpret_cast<const char*>(begin.data()), 6);
  const auto version = std::to_integer<unsigned>(begin[6]);
  if (mark != "\x93NUMPY" || version < 1 || version > 3)
    fail(place, "expected an array of NumPy (.npy), found another beginning");
  std::array<std::byte, 4> size_bytes{};
  read_exactly(bytes, std::span(size_bytes).first(version == 1 ? 2 : 4), place, "header");
  std::uint32_t size = 0;  // little-endian
  for (std::size_t i = 4; i-- > 0;)
    size = size << 8 | std::to_integer<std::uint32_t>(size_bytes[i]);
  if (size > kMostNpyHeaderBytes)
    fail(place, "expected a header of at most 1 MiB, found " + with_thousands(size) + " bytes");
  std::string header(size, ' ');
  read_exactly(bytes, std::as_writable_bytes(std::span(header)), place, "header");
  return header;
}

}  // namespace

NpyHeader read_npy_header(ByteStream& bytes, const std::string& place) {
  const std::string text = read_text(bytes, place);
  const Dictionary dictionary(text, place);
  const std::string& order = dictionary["fortran_order"];
  NpyHeader header;
  header.coding = coding_of(dictionary["descr"], place);
  header.shape = shape_of(dictionary["shape"], place);
  if (order != "True" && order != "False")
    fail(place, "fortran_order: expected True or False, found another text");
  header.is_fortran = order == "True";
  return header;
}

}  // namespace lucid
