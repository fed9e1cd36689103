#include <doctest/doctest.h>

#include "layers/table/compiled_case.h"
#include "support/is_reference.h"

namespace lucid::test {
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
