#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/headers/words.h"

namespace lucid {

// The fields of a NRRD header by lower-case name, in the spelling with spaces ("data file"); and
// what the header says but is not used.
struct NrrdFields {
  std::map<std::string, std::string> values;
  std::vector<std::string> warnings;
};

// Adds one line to the fields; comments and key:=value pairs are skipped. Throws Error(kData).
void read_nrrd_line(const std::string& line, NrrdFields& fields, const std::string& place);

// Reads an integer field of at least `least`; nullopt if it is missing.
std::optional<std::int64_t> nrrd_number(const NrrdFields& fields, const std::string& name,
                                        std::int64_t least, const std::string& place);

namespace nrrd {

// Throws Error(kData) "place: message".
[[noreturn]] void refuse(const std::string& place, const std::string& message);

// Throws Error(kData) if the field is missing.
const std::string& field(const NrrdFields& fields, const std::string& name,
                         const std::string& place);
std::optional<std::string> optional_field(const NrrdFields& fields, const std::string& name);

// Splits a list of texts in double quotes, as "mm" "mm"; texts without quotes end at a space.
std::vector<std::string> quoted_words_of(const std::string& text);

// Returns the words of a field with one per axis; none if the field is missing. Throws Error(kData)
// if there are more or fewer.
std::vector<std::string> words_per_axis(const NrrdFields& fields, const std::string& name,
                                        std::size_t rank, const std::string& place);

}  // namespace nrrd
}  // namespace lucid
