#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lucid {

// 'word', the way messages name things.
std::string in_quotes(std::string_view word);

std::string join(std::span<const std::string> words, std::string_view separator);

// The candidate that `word` most likely means (edit distance, case ignored); empty when none is
// near.
std::string closest_match(std::string_view word, std::span<const std::string> candidates);

// "; did you mean 'x'?" or, when nothing is near, "; known: a, b, c".
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

// 13946 -> "13,946".
std::string with_thousands(std::int64_t number);

// 1536 -> "1.5 KiB", with the largest unit that keeps the number at 1 or more.
std::string bytes_text(std::size_t bytes);

// 2.346 with two digits -> "2.35".
std::string fixed_text(double value, int digits);

// The shortest decimal text that reads back as the same number; nan, inf and -inf as such.
std::string number_text(float value);
std::string number_text(double value);

// Splits at every `separator`; "a..b" has an empty middle.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace lucid
