#pragma once

#include <string>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

namespace lucid::test {

// Ways to multiply, of which a plan takes one: they have to come out the same.

constexpr CompileOptions training(ConvolutionRoute route) {
  return {.mode = Mode::kTrain, .input_gradient = true, .convolution_route = route};
}

std::string conv(const std::string& arguments);  // a network of one Conv3D

// Does a step of the plan have an implementation of such a name?
bool goes(const Plan& plan, const std::string& implementation);
// ... in a training plan as anyone gets it?
bool is_chosen(const Shape& input, const std::string& arguments, const std::string& implementation);

struct Tolerance {
  double relative, absolute;
};

// Output and all gradients of a row, by the route and by the definition.
void compare_routes(const Case& row, ConvolutionRoute route, const std::string& implementation,
                    Tolerance tolerance);
// The same for all rows of the table that can go this way, against the reference loops. Returns how
// many they are.
std::size_t compare_table(ConvolutionRoute route, const std::string& implementation,
                          Tolerance tolerance);

}  // namespace lucid::test
