#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lucid {

// Returns 'word', as messages quote names.
std::string in_quotes(std::string_view word);

std::string join(std::span<const std::string> words, std::string_view separator);

// Returns the candidate that `word` most likely means (edit distance, case ignored); empty if none
// is close.
std::string closest_match(std::string_view word, std::span<const std::string> candidates);

// Returns "; did you mean 'x'?" or, if no candidate is close, "; known: a, b, c".
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

// Writes 13946 as "13,946".
std::string with_thousands(std::int64_t number);

// Writes 1536 as "1.5 KiB", in the largest unit that keeps the number at 1 or more.
std::string bytes_text(std::size_t bytes);

// Writes 2.346 with two digits as "2.35".
std::string fixed_text(double value, int digits);

// Returns the shortest decimal text that reads back as the same number; "nan", "inf" and "-inf" as
// such.
std::string number_text(float value);
std::string number_text(double value);

// Escapes control characters and bytes that are not UTF-8, as in "a\\nb" and "\\x1b[2J", so that
// the content of a file neither breaks a message's line nor controls a terminal. Of a text longer
// than `most` bytes only the beginning is returned, with the length behind it.
std::string printable(std::string_view text, std::size_t most = 300);

// Splits at every `separator`; "a..b" has an empty part in the middle.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace lucid
