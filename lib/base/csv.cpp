#include "base/csv.h"

namespace lucid {
namespace {

std::string quoted(std::string_view text) {
  std::string escaped = "\"";
  for (const char c : text) {
    if (c == '"') escaped += '"';
    escaped += c;
  }
  return escaped + "\"";
}

}  // namespace

CsvRow& CsvRow::add(std::string_view field) {
  if (!is_empty_) line_ += ',';
  is_empty_ = false;
  const bool needs_quotes = field.find_first_of(",\"\n") != std::string_view::npos;
  line_ += needs_quotes ? quoted(field) : std::string(field);
  return *this;
}

}  // namespace lucid
