#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lucid::test {

// A function's definition, from the first line of its signature to the line of its last brace. A
// test case is a function, too; a lambda belongs to the function around it.
struct FunctionLines {
  std::size_t first_line = 1, count = 0;
};

// Finds the functions of a C++ source by matching its braces. Both branches of an #if are read, so
// each has to close what it opens.
std::vector<FunctionLines> functions_in(const std::string& source);

}  // namespace lucid::test
