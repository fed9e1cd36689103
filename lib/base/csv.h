#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "base/text.h"

namespace lucid {

// Builds one row of a CSV file as in RFC 4180. Numbers are written so that they read back as the
// same value, truth values as 1 and 0.
class CsvRow {
 public:
  CsvRow& add(std::string_view field);

  template <class Number>
  requires std::is_arithmetic_v<Number> CsvRow& add(Number value) {
    if constexpr (std::is_floating_point_v<Number>)
      return add(number_text(value));
    else
      return add(std::to_string(value));
  }

  // The row without a line end.
  const std::string& line() const { return line_; }

 private:
  std::string line_;
  bool is_empty_ = true;
};

}  // namespace lucid
