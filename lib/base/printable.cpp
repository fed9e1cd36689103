#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"

namespace lucid {
namespace {

// A character of UTF-8 text; a byte that belongs to none has no valid code.
struct Letter {
  char32_t code;
  std::size_t bytes;
  bool is_valid;
};

Letter letter_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < bytes) return {first, 1, false};
  char32_t code = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {first, 1, false};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[bytes] || code > 0x10FFFF || is_surrogate) return {first, 1, false};
  return {code, bytes, true};
}

struct Range {
  char32_t first, last;
};

template <std::size_t kCount>
bool is_in(char32_t code, const std::array<Range, kCount>& ranges) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// Controls, ends of lines, and marks that turn the direction of the text after them.
bool is_hidden(char32_t code) {
  constexpr std::array<Range, 6> kHidden = {{{0, 0x1F},
                                             {0x7F, 0x9F},
                                             {0x200E, 0x200F},
                                             {0x2028, 0x202E},
                                             {0x2066, 0x2069},
                                             {0xFEFF, 0xFEFF}}};
  return is_in(code, kHidden);
}

std::size_t width_of(char32_t code) {
  constexpr std::array<Range, 5> kNone = {
      // they change the letter before them
      {{0x300, 0x36F}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};
  constexpr std::array<Range, 8> kWide = {{{0x1100, 0x115F},
                                           {0x2E80, 0xA4CF},
                                           {0xAC00, 0xD7A3},
                                           {0xF900, 0xFAFF},
                                           {0xFE30, 0xFE4F},
                                           {0xFF00, 0xFF60},
                                           {0x1F300, 0x1FAFF},
                                           {0x20000, 0x3FFFD}}};
  return is_in(code, kNone) ? 0 : is_in(code, kWide) ? 2 : 1;
}

std::string escaped(const Letter& letter) {
  if (letter.is_valid && letter.code == '\n') return "\\n";
  if (letter.is_valid && letter.code == '\t') return "\\t";
  if (letter.is_valid && letter.code == '\r') return "\\r";
  const bool is_byte = !letter.is_valid || letter.code < 0x80;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), is_byte ? "\\x%02x" : "\\u%04x",
                static_cast<unsigned>(letter.code));
  return text.data();
}

// Nearly all text is.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

// The place where the first `count` characters end.
std::size_t end_of_first(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) at += letter_at(text.substr(at)).bytes;
  return at;
}

}  // namespace

std::string printable(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text.substr(at));
    if (!letter.is_valid || is_hidden(letter.code))
      shown += escaped(letter);
    else
      shown += text.substr(at, letter.bytes);
    at += letter.bytes;
  }
  return shown;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most && is_plain(text)) return std::string(text);
  constexpr std::string_view kGap = "...";
  constexpr std::size_t kMostBytes = 10;  // of a character, escaped
  // A long text need not be looked at as a whole.
  std::string first = printable(text.substr(0, std::min(text.size(), most * kMostBytes)));
  const std::size_t end = end_of_first(first, most);
  if (text.size() <= most * kMostBytes && end == first.size()) return first;
  const std::size_t tail = most / 3, head = most - tail - kGap.size();
  std::string_view rest = text.substr(text.size() - std::min(text.size(), tail * kMostBytes));
  while (!rest.empty() && (static_cast<unsigned char>(rest[0]) & 0xC0U) == 0x80)
    rest.remove_prefix(1);
  const std::string last = printable(rest);
  std::size_t letters = 0;
  for (std::size_t at = 0; at < last.size(); ++letters)
    at += letter_at(std::string_view(last).substr(at)).bytes;
  first.resize(end_of_first(first, head));
  return first.append(kGap) + last.substr(end_of_first(last, letters - std::min(letters, tail)));
}

std::string message_line(std::string_view message) {
  constexpr std::size_t kLongest = 4000;
  return shortened(message, kLongest);
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = letter_at(text.substr(at));
    columns += width_of(letter.code);
    at += letter.bytes;
  }
  return columns;
}

std::string_view cut_to_width(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  while (at < text.size()) {
    const Letter letter = letter_at(text.substr(at));
    const std::size_t width = width_of(letter.code);
    if (width > columns) break;
    columns -= width;
    at += letter.bytes;
  }
  return text.substr(0, at);
}

}  // namespace lucid
