#pragma once
// Private to this room.

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lucid {

// The fields of a NRRD header by lower-case name; "datafile" is stored as "data file".
using NrrdFields = std::map<std::string, std::string>;

// Adds one line to the fields; comments and custom keys are skipped. Throws Error(kData).
void read_nrrd_line(const std::string& line, NrrdFields& fields, const std::string& place);

// Reads an integer field of at least `least`; 0 if it is missing.
std::int64_t nrrd_number(const NrrdFields& fields, const std::string& name, std::int64_t least,
                         const std::string& place);

namespace nrrd {

// Throws Error(kData) "place: message".
[[noreturn]] void refuse(const std::string& place, const std::string& message);

// Throws Error(kData) if the field is missing.
const std::string& field(const NrrdFields& fields, const std::string& name,
                         const std::string& place);
std::optional<std::string> optional_field(const NrrdFields& fields, const std::string& name);

std::string lower(std::string text);
std::vector<std::string> words_of(const std::string& text);

// Returns nullopt unless the whole word is a number.
template <class T>
std::optional<T> number_of(const std::string& word) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace nrrd
}  // namespace lucid
