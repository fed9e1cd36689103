#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lucid {

// Returns the text with A to Z in lower case.
std::string lower(std::string text);

// Returns the text without spaces, tabs and carriage returns at its ends.
std::string trimmed(const std::string& text);

// Returns the words that spaces separate.
std::vector<std::string> words_of(const std::string& text);

// Returns nullopt unless the whole word is a number.
template <class T>
std::optional<T> number_of(const std::string& word) {
  T value{};
  const char* begin = word.data() + (word.size() > 1 && word[0] == '+' && word[1] != '-' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// Returns the integers that spaces separate, which are the extents of a volume: nullopt unless they
// are `count` positive ones.
std::optional<std::vector<std::int64_t>> extents_of(const std::string& text, std::int64_t count);

}  // namespace lucid
