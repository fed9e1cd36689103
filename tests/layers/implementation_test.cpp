#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "layers/compiled_case.h"

namespace lucid::test {
namespace {

// "ref:any", "x64:ref".
bool is_reference(const std::string& implementation) {
  return std::ranges::any_of(split(implementation, ':'),
                             [](const std::string& word) { return word.starts_with("ref"); });
}

}  // namespace

TEST_CASE("no row of the table runs oneDNN's reference code") {
  for (const Case& row : cases())
    for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
      CompiledCase compiled(row, {.mode = mode, .input_gradient = mode == Mode::kTrain});
      for (const StepReport& step : compiled.plan.report()) {
        INFO(row.name, ": ", step.node, ": ", step.what, " [", step.implementation, "]");
        CHECK_FALSE(is_reference(step.implementation));
      }
    }
}

}  // namespace lucid::test
