#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "layers/table/compiled_case.h"

namespace lucid {
namespace {

// Makes a skip connection over a convolution; both of its ends have 16 channels.
test::Case skip(Shape::Extent batch) {
  const std::string out =
      R"({"type": "Conv3D", "kernel_size": 3, "padding": 1, "out_channels": 16)";
  return test::case_of({batch, 1, 4, 4, 4},
                       "[" + out + R"(, "name": "a"}, {"type": "ReLU", "name": "skip"}, )" + out +
                           R"(, "name": "b"}, {"type": "ReLU", "name": "way"},
    {"type": "Concat", "name": "join", "inputs": ["skip", "way"]},
    {"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1}, {"type": "ReLU"}])");
}

int step_count_of(const Plan& plan, const std::string& node) {
  int count = 0;
  for (const StepReport& step : plan.report()) count += step.node == node ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a concat of whole blocks of one sample takes no step") {
  CHECK(step_count_of(test::CompiledCase(skip(1), {.mode = Mode::kTrain}).plan, "join") == 0);
}

TEST_CASE("a concat of several samples copies its inputs and their gradients") {
  CHECK(step_count_of(test::CompiledCase(skip(2), {.mode = Mode::kTrain}).plan, "join") == 3);
}

}  // namespace lucid
