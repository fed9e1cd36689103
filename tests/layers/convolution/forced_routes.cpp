#include "layers/convolution/forced_routes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>

namespace lucid::test {
namespace {

template <class Range>
Approx nearly(const Range& expected, Tolerance tolerance) {
  return approx(expected).within(tolerance.relative, tolerance.absolute);
}

// Returns a row of the table as the reference loops compute it, there and back; once for all
// routes, whose own kernels take a fraction of that time.
const ReferenceNetwork& computed(const Case& row) {
  static std::map<std::string, std::unique_ptr<ReferenceNetwork>> known;
  auto& reference = known[row.name];
  if (reference == nullptr) {
    reference = std::make_unique<ReferenceNetwork>(row);
    reference->backward();
  }
  return *reference;
}

}  // namespace

std::string conv(const std::string& arguments) {
  return R"([{"type": "Conv3D", )" + arguments + "}]";
}

ForcedRoutes forced(const std::string& route) { return {route, route, route}; }

bool has_vectors() { return onednn::vector_set() != onednn::VectorSet::kPortable; }

bool has_convolution(const Case& row) {
  return std::ranges::any_of(row.layers, [](const Json& layer) {
    return layer["type"].get<std::string>().starts_with("Conv");
  });
}

CompileOptions training(const ForcedRoutes& routes) {
  return {.mode = Mode::kTrain, .input_gradient = true, .routes = routes};
}

bool takes(const Plan& plan, const std::string& route) {
  return std::ranges::find(plan.choices(), route, &RouteChoice::chosen) != plan.choices().end();
}

bool is_chosen(const Shape& input, const std::string& arguments, const std::string& route) {
  return takes(CompiledCase(case_of(input, conv(arguments)), training({})).plan, route);
}

void compare_routes(const Case& row, const std::string& route, Tolerance tolerance) {
  CompiledCase direct(row, training(forced("onednn")));
  CompiledCase other(row, training(forced(route)));
  REQUIRE(takes(other.plan, route));
  REQUIRE_FALSE(takes(direct.plan, route));
  const std::size_t inputs = direct.plan.input().values().size();
  const std::size_t outputs = direct.plan.output().values().size();
  const auto input = drawn(1, 0, inputs, 1), gradient = drawn(1, 1, outputs, outputs / 64);
  for (CompiledCase* compiled : {&direct, &other}) {
    for (const Parameter& parameter : compiled->model.parameters())
      compiled->set(parameter.name, drawn(1, 2, parameter.shape.count(), 64));
    compiled->set("input", input);
    compiled->plan.forward();
    std::ranges::copy(gradient, compiled->plan.output_gradient().values().begin());
    compiled->plan.backward();
  }
  CHECK(other.plan.output().values() == nearly(direct.plan.output().values(), tolerance));
  CHECK(other.plan.input_gradient().values() ==
        nearly(direct.plan.input_gradient().values(), tolerance));
  for (const Parameter& parameter : direct.model.parameters())
    CHECK(other.gradient(parameter.name) == nearly(direct.gradient(parameter.name), tolerance));
}

std::size_t compare_table(const std::string& route, Tolerance tolerance) {
  std::size_t count = 0;
  for (const Case& row : cases()) {
    const CompileOptions options = training(forced(route));
    if (!has_convolution(row) || !takes(CompiledCase(row, options).plan, route)) continue;
    ++count;
    const ReferenceNetwork& reference = computed(row);
    CompiledCase compiled(row, reference, options);
    CAPTURE(row.name);
    CHECK(compiled.forward() == nearly(reference.output.values, tolerance));
    compiled.backward();
    CHECK(compiled.plan.input_gradient().values() ==
          nearly(reference.input_gradient.values, tolerance));
    for (const auto& parameter : reference.parameters)
      CHECK(compiled.gradient(parameter.name) == nearly(parameter.gradient.values, tolerance));
  }
  return count;
}

}  // namespace lucid::test
