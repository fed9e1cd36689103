#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "layers/registry.h"
#include "layers/table/compiled_case.h"
#include "support/golden.h"

namespace lucid::test {
namespace {

struct Figures {
  int cases = 0;
  double worst = 0;  // absolute below 1, relative above
};

double worst_of(const std::vector<float>& found, const std::vector<float>& expected) {
  double worst = found.size() == expected.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    const double size = std::max(1.0, std::abs(static_cast<double>(expected[i])));
    worst = std::max(worst, std::abs(static_cast<double>(found[i] - expected[i])) / size);
  }
  return worst;
}

// Of the output and of every gradient.
double worst_of(const Case& row) {
  const ReferenceNetwork numbers(row);
  CompiledCase compiled(row, numbers, {.mode = Mode::kTrain, .input_gradient = true});
  double worst = worst_of(thinned(compiled.forward()), floats(row.golden.at("output")));
  compiled.backward();
  worst = std::max(worst, worst_of(thinned(compiled.plan.input_gradient().values()),
                                   floats(row.golden.at("input_gradient"))));
  for (const auto& parameter : numbers.parameters)
    worst = std::max(worst, worst_of(thinned(compiled.gradient(parameter.name)),
                                     floats(row.golden.at(parameter.name))));
  return worst;
}

}  // namespace

TEST_CASE("every layer stands in the table and agrees with PyTorch") {
  constexpr double kMost = 1e-5;
  std::map<std::string, Figures> figures;
  for (const std::string& type : layer_types()) figures[type];
  for (const Case& row : cases()) {
    std::set<std::string> types;
    for (const Json& layer : row.layers)
      types.insert(layer_type(layer.at("type").get<std::string>()).value());
    const double worst = worst_of(row);
    for (const std::string& type : types) {
      ++figures[type].cases;
      figures[type].worst = std::max(figures[type].worst, worst);
    }
  }
  for (const auto& [type, of_type] : figures) {
    MESSAGE(type, ": ", of_type.cases, " cases, worst ", of_type.worst);
    CHECK(of_type.cases > 0);
    CHECK(of_type.worst < kMost);
  }
}

}  // namespace lucid::test
