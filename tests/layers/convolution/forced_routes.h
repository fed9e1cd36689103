#pragma once

#include <string>

#include "layers/table/compiled_case.h"
#include "support/approx.h"

namespace lucid::test {

// Forces a route for all three passes, wherever it is possible.
ForcedRoutes forced(const std::string& route);

// Whether this machine has the vectors that kernels of ours want.
bool has_vectors();

bool has_convolution(const Case& row);

// A training plan with the gradient of its input.
CompileOptions training(const ForcedRoutes& routes);

// The layers of a network of one Conv3D.
std::string conv(const std::string& arguments);

// Whether a pass of a node of the plan took the route.
bool takes(const Plan& plan, const std::string& route);
// Whether it does in a training plan whose routes nobody forces.
bool is_chosen(const Shape& input, const std::string& arguments, const std::string& route);

struct Tolerance {
  double relative, absolute;
};

// Compares the output and all gradients of a row by the route with those by oneDNN.
void compare_routes(const Case& row, const std::string& route, Tolerance tolerance);
// Compares all rows of the table that can take the route with the reference loops. Returns how many
// they are.
std::size_t compare_table(const std::string& route, Tolerance tolerance);

}  // namespace lucid::test
