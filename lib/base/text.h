#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lucid {

// Returns the text as a terminal can show it in one line: control characters, line ends, marks that
// turn the direction of writing and bytes that are no UTF-8 are written as \n, \x1b or \u202e.
std::string printable(std::string_view text);

// Returns printable text of at most so many characters: the middle of a longer one is "...".
std::string shortened(std::string_view text, std::size_t most);

// Returns a message as one printable line of a few kB at most.
std::string message_line(std::string_view message);

// Counts the columns that a terminal takes for the text.
std::size_t display_width(std::string_view text);

// Returns the longest beginning of the text that takes at most so many columns.
std::string_view cut_to_width(std::string_view text, std::size_t columns);

// Returns 'word', as messages quote names; printable, and shortened if it is very long.
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

// The same for people: a value that is not defined, NaN, is "undefined".
std::string value_text(float value);

// Writes 2.346 with two digits as "2.35", and NaN as "undefined".
std::string fixed_value_text(double value, int digits);

// Returns the line that a POSIX shell splits into these words.
std::string shell_line(std::span<const std::string> words);

// Splits at every `separator`; "a..b" has an empty part in the middle.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace lucid
