#include "formats/readers/nrrd_fields.h"

#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t\r");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

}  // namespace

namespace nrrd {

void refuse(const std::string& place, const std::string& message) {
  throw Error(ExitCode::kData, place + ": " + message);
}

const std::string& field(const NrrdFields& fields, const std::string& name,
                         const std::string& place) {
  const auto found = fields.find(name);
  if (found == fields.end()) refuse(place, "expected the field '" + name + "', found none");
  return found->second;
}

std::optional<std::string> optional_field(const NrrdFields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::nullopt : std::optional(found->second);
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace nrrd

void read_nrrd_line(const std::string& line, NrrdFields& fields, const std::string& place) {
  if (line.starts_with("#") || line.find(":=") != std::string::npos) return;
  const auto colon = line.find(':');
  if (colon == std::string::npos)
    nrrd::refuse(place, "expected 'field: value' in the header, found " + in_quotes(trimmed(line)));
  std::string name = nrrd::lower(trimmed(line.substr(0, colon)));
  for (const auto& [other, usual] :
       {std::pair{"datafile", "data file"}, {"byteskip", "byte skip"}, {"lineskip", "line skip"}})
    if (name == other) name = usual;
  if (!fields.emplace(name, trimmed(line.substr(colon + 1))).second)
    nrrd::refuse(place, "duplicate field '" + name + "'");
}

std::int64_t nrrd_number(const NrrdFields& fields, const std::string& name, std::int64_t least,
                         const std::string& place) {
  const auto text = nrrd::optional_field(fields, name);
  if (!text) return 0;
  const auto value = nrrd::number_of<std::int64_t>(*text);
  if (!value || *value < least)
    nrrd::refuse(place, name + ": expected an integer of at least " + std::to_string(least) +
                            ", found " + in_quotes(*text));
  return *value;
}

}  // namespace lucid
