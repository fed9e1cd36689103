#include <doctest/doctest.h>

#include "layers/table/errors.h"

// Errors in layers that join several inputs, and in those that work on every number.
namespace lucid::test {
namespace {

const std::string kTwoSizes = R"(
    {"type": "Conv3D", "name": "skip", "out_channels": 2, "kernel_size": 3, "padding": 1},
    {"type": "Conv3D", "name": "deconv", "out_channels": 2, "kernel_size": 2}, )";

}  // namespace

TEST_CASE("a concat of inputs that differ outside channels names them and their shapes") {
  CHECK(
      errors_in(kTwoSizes + R"({"type": "Concat", "name": "up2", "inputs": ["skip", "deconv"]})") ==
      "model.json: /layers/2: layer 'up2' (Concat): inputs differ outside channels: 'skip' is "
      "2x8x8x8, 'deconv' is 2x7x7x7");
  CHECK(errors_in(R"({"type": "Flatten", "name": "flat"},
                       {"type": "Concat", "inputs": ["flat", "input"]})") ==
        "model.json: /layers/1: layer 'concat_1' (Concat): inputs differ outside channels: 'flat' "
        "is 2048, 'input' is 4x8x8x8");
}

TEST_CASE("an add of inputs that differ names them and their shapes") {
  CHECK(errors_in(R"(
            {"type": "Conv3D", "name": "a", "out_channels": 2, "kernel_size": 1},
            {"type": "Add", "name": "sum", "inputs": ["a", "input", "a"]})") ==
        "model.json: /layers/1: layer 'sum' (Add): inputs differ in shape: 'a' is 2x8x8x8, "
        "'input' is 4x8x8x8, 'a' is 2x8x8x8");
}

TEST_CASE("add and concat take two inputs or more") {
  for (const std::string type : {"Add", "Concat"}) {
    CHECK(errors_in(R"({"type": ")" + type + "\"}") ==
          "model.json: /layers/0/inputs: expected 2 or more inputs, found 1");
    CHECK(errors_in(R"({"inputs": "input", "type": ")" + type + "\"}") ==
          "model.json: /layers/0/inputs: expected 2 or more inputs, found 1");
  }
}

TEST_CASE("concat and softmax know the channels alone") {
  for (const std::string arguments :
       {R"("type": "Concat", "inputs": ["input", "input"])", R"("type": "Softmax")"})
    CHECK(errors_in("{" + arguments + R"(, "dim": -1})") ==
          "model.json: /layers/0/dim: expected 1 (the only value supported), found -1");
}

TEST_CASE("an activation names what is wrong with each of its arguments") {
  const std::string number = "a number >= -1e+30 and <= 1e+30";
  check("LeakyReLU",
        {{R"("negative_slope": "0.1")", "/negative_slope: expected " + number + ", found '0.1'"},
         {R"("negative_slope": 1e31)", "/negative_slope: expected " + number + ", found 1e+31"},
         {R"("inplace": true)", "/inplace: expected false (the only value supported), found true"},
         {R"("slope": 0.1)",
          "/slope: unknown key; known: type, name, inputs, inplace, negative_slope"}});
  check("ELU",
        {{R"("alpha": null, "alhpa": 2)", "/alhpa: unknown key; did you mean 'alpha'?"},
         {R"("alpha": [1])", "/alpha: expected " + number + ", found [1]"},
         {R"("inplace": 1)", "/inplace: expected false (the only value supported), found 1"}});
  check("PReLU",
        {{R"("num_parameters": 5)",
          "/num_parameters: layer 'prelu_1' (PReLU): expected 1 or 4, the channels of its input, "
          "found 5"},
         {R"("init": "x")", "/init: expected " + number + ", found 'x'"},
         {R"("num_parameters": 0)",
          "/num_parameters: expected an integer from 1 to 16777216, found 0"}});
  check("GELU",
        {{R"("approximate": "tan")",
          "/approximate: expected one of none, tanh, found 'tan'; did you mean 'tanh'?"},
         {R"("approximate": false)", "/approximate: expected one of none, tanh, found false"}});
  check("SiLU", {{R"("inplace": true)",
                  "/inplace: expected false (the only value supported), found true"}});
  check("Scale", {{R"("name": "s")", ": expected the key 'factor' (" + number + "), found none"},
                  {R"("factor": true)", "/factor: expected " + number + ", found true"}});
  for (const std::string type : {"Sigmoid", "Tanh", "Identity"})
    check(type, {{R"("inplace": true)", "/inplace: unknown key; known: type, name, inputs"}});
}

}  // namespace lucid::test
