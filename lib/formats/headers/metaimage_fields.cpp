#include "formats/headers/metaimage_fields.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "formats/headers/words.h"

namespace lucid {

bool read_metaimage_line(const std::string& line, MetaImageFields& fields,
                         const std::string& place) {
  const auto equals = line.find('=');
  const std::string name = trimmed(line.substr(0, equals));
  if (equals == std::string::npos || name.empty())
    fail(place, fields.values.empty()
                    ? "expected a MetaImage file, found another beginning"
                    : "expected 'Field = value' in the header, found " + in_quotes(trimmed(line)));
  if (!fields.values.emplace(name, trimmed(line.substr(equals + 1))).second)
    fail(place, "duplicate field " + in_quotes(name));
  return name == "ElementDataFile";
}

const std::string* MetaImageReader::find(const std::vector<std::string>& names) const {
  for (const std::string& name : names)
    if (const auto found = fields_.values.find(name); found != fields_.values.end())
      return &found->second;
  return nullptr;
}

const std::string& MetaImageReader::text(const std::string& name) const {
  const std::string* found = find({name});
  if (found == nullptr) refuse("expected the field " + in_quotes(name) + ", found none");
  return *found;
}

bool MetaImageReader::truth(const std::vector<std::string>& names,
                            const std::string& otherwise) const {
  const std::string* found = find(names);
  const std::string word = lower(found == nullptr ? otherwise : *found);
  if (word == "true" || word == "1") return true;
  if (word != "false" && word != "0")
    refuse(names.front() + ": expected True or False, found " + in_quotes(*found));
  return false;
}

std::int64_t MetaImageReader::integer(const std::string& name, std::int64_t least,
                                      std::int64_t otherwise) const {
  const std::string* found = find({name});
  if (found == nullptr) return otherwise;
  const auto value = number_of<std::int64_t>(*found);
  if (!value || *value < least)
    refuse(name + ": expected an integer of at least " + std::to_string(least) + ", found " +
           in_quotes(*found));
  return *value;
}

std::vector<double> MetaImageReader::numbers(const std::vector<std::string>& names,
                                             std::size_t count) const {
  const std::string* found = find(names);
  std::vector<double> values;
  if (found == nullptr) return values;
  bool are_finite = true;
  for (const std::string& word : words_of(*found)) {
    values.push_back(number_of<double>(word).value_or(NAN));
    are_finite = are_finite && std::isfinite(values.back());
  }
  if (values.size() != count || !are_finite)
    refuse(names.front() + ": expected " + std::to_string(count) + " finite numbers, found " +
           in_quotes(*found));
  return values;
}

void MetaImageReader::refuse(const std::string& message) const { fail(place_, message); }

}  // namespace lucid
