#include "support/golden.h"

#include <nlohmann/json.hpp>

#include "paths.h"

namespace lucid::test {
namespace {

void append(const Json& value, std::vector<double>& to) {
  if (value.is_array())
    for (const Json& element : value) append(element, to);
  else
    to.push_back(value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>());
}

}  // namespace

Json read_golden(const std::string& name) {
  return read_json_file(std::string(LUCID_SOURCE_DIR) + "/tests/golden/" + name);
}

std::vector<double> doubles(const Json& list) {
  std::vector<double> values;
  append(list, values);
  return values;
}

std::vector<float> floats(const Json& list) {
  const std::vector<double> values = doubles(list);
  return {values.begin(), values.end()};
}

}  // namespace lucid::test
