#include "formats/headers/words.h"

#include <algorithm>
#include <sstream>

namespace lucid {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r"), end = text.find_last_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::optional<std::vector<std::int64_t>> extents_of(const std::string& text, std::int64_t count) {
  std::vector<std::int64_t> extents;
  for (const std::string& word : words_of(text))
    extents.push_back(number_of<std::int64_t>(word).value_or(0));
  const auto is_positive = [](std::int64_t extent) { return extent > 0; };
  if (std::ssize(extents) != count || !std::ranges::all_of(extents, is_positive))
    return std::nullopt;
  return extents;
}

}  // namespace lucid
