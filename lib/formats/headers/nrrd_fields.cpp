#include "formats/headers/nrrd_fields.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

// All fields of the format's definition.
const std::vector<std::string>& known_fields() {
  static const std::vector<std::string> names = {"dimension",
                                                 "type",
                                                 "block size",
                                                 "encoding",
                                                 "endian",
                                                 "content",
                                                 "min",
                                                 "max",
                                                 "old min",
                                                 "old max",
                                                 "data file",
                                                 "line skip",
                                                 "byte skip",
                                                 "number",
                                                 "sample units",
                                                 "sizes",
                                                 "spacings",
                                                 "thicknesses",
                                                 "axis mins",
                                                 "axis maxs",
                                                 "centers",
                                                 "labels",
                                                 "units",
                                                 "kinds",
                                                 "space",
                                                 "space origin",
                                                 "space units",
                                                 "space directions",
                                                 "centerings",
                                                 "space dimension",
                                                 "measurement frame"};
  return names;
}

// "datafile" is another spelling of "data file".
std::string usual_name(const std::string& name) {
  for (const std::string& known : known_fields()) {
    std::string joined = known;
    std::erase(joined, ' ');
    if (name == joined) return known == "centerings" ? "centers" : known;
  }
  return name;
}

}  // namespace

namespace nrrd {

void refuse(const std::string& place, const std::string& message) {
  throw Error(ExitCode::kData, place + ": " + message);
}

const std::string& field(const NrrdFields& fields, const std::string& name,
                         const std::string& place) {
  const auto found = fields.values.find(name);
  if (found == fields.values.end()) refuse(place, "expected the field '" + name + "', found none");
  return found->second;
}

std::optional<std::string> optional_field(const NrrdFields& fields, const std::string& name) {
  const auto found = fields.values.find(name);
  return found == fields.values.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> quoted_words_of(const std::string& text) {
  std::vector<std::string> words;
  bool is_quoted = false, is_inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!is_inside && (c == ' ' || c == '\t')) continue;
    if (!is_inside) {
      is_inside = true;
      is_quoted = c == '"';
      words.emplace_back(is_quoted ? "" : std::string(1, c));
    } else if (is_quoted ? c == '"' : c == ' ' || c == '\t') {
      is_inside = false;
    } else {
      const bool is_escape = is_quoted && c == '\\' && i + 1 < text.size();
      words.back() += is_escape ? text[++i] : c;
    }
  }
  return words;
}

std::vector<std::string> words_per_axis(const NrrdFields& fields, const std::string& name,
                                        std::size_t rank, const std::string& place) {
  const auto text = optional_field(fields, name);
  if (!text) return {};
  std::vector<std::string> words = quoted_words_of(*text);
  if (words.size() != rank)
    refuse(place, name + ": expected " + std::to_string(rank) + ", one per axis, found " +
                      in_quotes(*text));
  return words;
}

}  // namespace nrrd

void read_nrrd_line(const std::string& line, NrrdFields& fields, const std::string& place) {
  if (line.starts_with("#")) return;
  const auto colon = line.find(':');
  if (colon == std::string::npos)
    nrrd::refuse(place, "expected 'field: value' in the header, found " + in_quotes(trimmed(line)));
  if (line.compare(colon, 2, ":=") == 0) return;
  const std::string name = usual_name(lower(trimmed(line.substr(0, colon))));
  if (std::find(known_fields().begin(), known_fields().end(), name) == known_fields().end()) {
    const std::string close = closest_match(name, known_fields());
    fields.warnings.push_back("the field " + in_quotes(name) + " is not known and left out" +
                              (close.empty() ? "" : "; did you mean " + in_quotes(close) + "?"));
    return;
  }
  if (!fields.values.emplace(name, trimmed(line.substr(colon + 1))).second)
    nrrd::refuse(place, "duplicate field '" + name + "'");
}

std::optional<std::int64_t> nrrd_number(const NrrdFields& fields, const std::string& name,
                                        std::int64_t least, const std::string& place) {
  const auto text = nrrd::optional_field(fields, name);
  if (!text) return std::nullopt;
  const auto value = number_of<std::int64_t>(*text);
  if (!value || *value < least)
    nrrd::refuse(place, name + ": expected an integer of at least " + std::to_string(least) +
                            ", found " + in_quotes(*text));
  return value;
}

}  // namespace lucid
