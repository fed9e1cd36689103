#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace lucid::test {

// tests/golden/NAME: numbers that a script beside it wrote once.
Json read_golden(const std::string& name);

// A list of numbers; lists of lists are flattened, "nan", "inf" and "-inf" may stand for a number.
std::vector<float> floats(const Json& list);
std::vector<double> doubles(const Json& list);

}  // namespace lucid::test
