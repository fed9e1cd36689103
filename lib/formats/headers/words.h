#pragma once

#include <charconv>
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

}  // namespace lucid
