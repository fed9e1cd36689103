#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "objective/loss/loss.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a mistake in a loss's arguments is told where it stands") {
  struct Row {
    const char *config, *error;
  };
  const Row kRows[] = {
      {R"({})", "2: a.json: /loss: expected the key 'type' (a string), found none"},
      {R"({"type": "CrossEntropy"})",
       "2: a.json: /loss/type: no loss 'CrossEntropy'; did you mean 'CrossEntropyLoss'? known: "
       "BCEWithLogitsLoss, CrossEntropyLoss, DiceCELoss, DiceLoss, FocalLoss, HuberLoss, L1Loss, "
       "MSELoss"},
      {R"({"type": "Tversky", "smooth": 1})",
       "2: a.json: /loss/type: no loss 'Tversky'; known: BCEWithLogitsLoss, CrossEntropyLoss, "
       "DiceCELoss, DiceLoss, FocalLoss, HuberLoss, L1Loss, MSELoss"},
      {R"({"type": "MSELoss", "reductoin": "sum"})",
       "2: a.json: /loss/reductoin: unknown key; did you mean 'reduction'?"},
      {R"({"type": "L1Loss", "reduction": "none"})",
       "2: a.json: /loss/reduction: expected one of mean, sum, found 'none'"},
      {R"({"type": "MSELoss", "reduce": true})",
       "2: a.json: /loss/reduce: expected null (the only value supported), found true"},
      {R"({"type": "MSELoss", "size_average": false})",
       "2: a.json: /loss/size_average: expected null (the only value supported), found false"},
      {R"({"type": "CrossEntropyLoss", "weight": "balanced"})",
       "2: a.json: /loss/weight: expected 'auto' or a list of numbers, one a class, found "
       "'balanced'"},
      {R"({"type": "CrossEntropyLoss", "weight": [1, -1]})",
       "2: a.json: /loss/weight: expected a list of numbers, each a number >= 0, found [1,-1]"},
      {R"({"type": "CrossEntropyLoss", "label_smoothing": 1.5})",
       "2: a.json: /loss/label_smoothing: expected a number >= 0 and <= 1, found 1.5"},
      {R"({"type": "CrossEntropyLoss", "ignore_index": 0.5})",
       "2: a.json: /loss/ignore_index: expected an integer, found 0.5"},
      {R"({"type": "BCEWithLogitsLoss", "pos_weight": "auto"})",
       "2: a.json: /loss/pos_weight: expected a number or a list of them, one a channel, found "
       "'auto'"},
      {R"({"type": "BCEWithLogitsLoss", "weight": [1]})",
       "2: a.json: /loss/weight: expected null (the only value supported), found [1]"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.config);
    CHECK(error_of([&] { from_text(row.config, "/loss", make_loss); }) == row.error);
  }
}

TEST_CASE("targets that do not fit are refused with both shapes and what to do") {
  struct Row {
    const char* type;
    Shape prediction, target;
    TargetType target_type;
    const char* error;
  };
  constexpr auto kIntegers = TargetType::kIntegers, kFloats = TargetType::kFloats;
  const Row kRows[] = {
      {"CrossEntropyLoss", {3, 4, 5, 6}, {4, 5, 6}, kIntegers, ""},
      {"CrossEntropyLoss", {3}, {}, kIntegers, ""},
      {"CrossEntropyLoss",
       {3, 4, 5, 6},
       {1, 4, 5, 6},
       kIntegers,
       "3: CrossEntropyLoss: predictions (N, 3, 4, 5, 6) need integer labels (N, 4, 5, 6), found "
       "integers (N, 1, 4, 5, 6); a channel axis of 1 is an error: store labels as (N, D, H, W)"},
      {"CrossEntropyLoss",
       {3},
       {1},
       kIntegers,
       "3: CrossEntropyLoss: predictions (N, 3) need integer labels (N), found integers (N, 1); a "
       "channel axis of 1 is an error: store labels as (N)"},
      {"CrossEntropyLoss",
       {3},
       {},
       kFloats,
       "3: CrossEntropyLoss: predictions (N, 3) need integer labels (N), found floats (N); store "
       "labels as integers, or use MSELoss or BCEWithLogitsLoss for values"},
      {"CrossEntropyLoss",
       {3},
       {3},
       kFloats,
       "3: CrossEntropyLoss: predictions (N, 3) need integer labels (N), found floats (N, 3); "
       "store "
       "class numbers instead of a channel a class"},
      {"CrossEntropyLoss",
       {3, 4, 5, 6},
       {},
       kIntegers,
       "3: CrossEntropyLoss: predictions (N, 3, 4, 5, 6) need integer labels (N, 4, 5, 6), found "
       "integers (N); these are labels of whole samples: end the network with Linear"},
      {"CrossEntropyLoss",
       {3},
       {4, 5, 6},
       kIntegers,
       "3: CrossEntropyLoss: predictions (N, 3) need integer labels (N), found integers (N, 4, 5, "
       "6); these are labels of voxels: end the network with a convolution"},
      {"CrossEntropyLoss",
       {3, 2, 2, 2},
       {4, 4, 4},
       kIntegers,
       "3: CrossEntropyLoss: predictions (N, 3, 2, 2, 2) need integer labels (N, 2, 2, 2), found "
       "integers (N, 4, 4, 4); change the last layer or the labels"},
      {"CrossEntropyLoss",
       {1, 4, 5, 6},
       {4, 5, 6},
       kIntegers,
       "3: CrossEntropyLoss: expected predictions of at least 2 classes, found (N, 1, 4, 5, 6); "
       "for one logit use BCEWithLogitsLoss"},
      {"BCEWithLogitsLoss", {3, 4, 5, 6}, {3, 4, 5, 6}, kIntegers, ""},
      {"BCEWithLogitsLoss", {1, 4, 5, 6}, {4, 5, 6}, kIntegers, ""},
      {"BCEWithLogitsLoss", {1}, {}, kFloats, ""},
      {"MSELoss", {1, 4, 5, 6}, {4, 5, 6}, kFloats, ""},
      {"BCEWithLogitsLoss",
       {3, 4, 5, 6},
       {4, 5, 6},
       kIntegers,
       "3: BCEWithLogitsLoss: predictions (N, 3, 4, 5, 6) need targets (N, 3, 4, 5, 6), found (N, "
       "4, 5, 6); for class numbers use CrossEntropyLoss"},
      {"L1Loss",
       {3},
       {4},
       kFloats,
       "3: L1Loss: predictions (N, 3) need targets (N, 3), found (N, 4); change the last layer or "
       "the targets"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.error);
    const auto loss =
        from_text(std::string(R"({"type": ")") + row.type + "\"}", "/loss", make_loss);
    CHECK(error_of([&] { loss->check(row.prediction, row.target, row.target_type); }) == row.error);
  }
}

TEST_CASE("mistakes in the arguments of losses over labels are told where they stand") {
  struct Row {
    const char *config, *error;
  };
  const Row kRows[] = {
      {R"({"type": "HuberLoss", "delta": 0})",
       "2: a.json: /loss/delta: expected a number > 0, found 0"},
      {R"({"type": "DiceLoss", "smooth_nr": -1, "smooth_dr": -1})",
       "2: a.json: /loss/smooth_nr: expected a number >= 0, found -1\n"
       "a.json: /loss/smooth_dr: expected a number >= 0, found -1"},
      {R"({"type": "DiceLoss", "include_background": 0})",
       "2: a.json: /loss/include_background: expected true or false, found 0"},
      {R"({"type": "DiceLoss", "lambda_ce": 1})",
       "2: a.json: /loss/lambda_ce: unknown key; known: type, sigmoid, ignore_index, weight, "
       "size_average, reduce, reduction, include_background, squared_pred, jaccard, batch, "
       "smooth_nr, smooth_dr"},
      {R"({"type": "DiceCELoss", "lambda_ce": -1, "lambda_dice": "1"})",
       "2: a.json: /loss/lambda_dice: expected a number >= 0, found '1'\n"
       "a.json: /loss/lambda_ce: expected a number >= 0, found -1"},
      {R"({"type": "DiceCELoss", "weight": "balanced"})",
       "2: a.json: /loss/weight: expected 'auto' or a list of numbers, one a class, found "
       "'balanced'"},
      {R"({"type": "DiceLoss", "sigmoid": true, "weight": "auto"})",
       "2: a.json: /loss/weight: expected a list of numbers, one a channel, beside \"sigmoid\", "
       "found 'auto'"},
      {R"({"type": "FocalLoss", "gamma": -1, "alpha": 2})",
       "2: a.json: /loss/gamma: expected a number >= 0, found -1\n"
       "a.json: /loss/alpha: expected a number >= 0 and <= 1, found 2"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.config);
    CHECK(error_of([&] { from_text(row.config, "/loss", make_loss); }) == row.error);
  }
}

TEST_CASE("losses over labels say how targets and the way they are read would fit") {
  struct Row {
    const char* config;
    Shape prediction, target;
    TargetType target_type;
    const char* error;
  };
  constexpr auto kIntegers = TargetType::kIntegers, kFloats = TargetType::kFloats;
  const Row kRows[] = {
      {R"({"type": "DiceLoss"})", {3, 4, 5, 6}, {4, 5, 6}, kIntegers, ""},
      {R"({"type": "DiceCELoss", "sigmoid": true})", {3, 4, 5, 6}, {3, 4, 5, 6}, kIntegers, ""},
      {R"({"type": "FocalLoss", "sigmoid": true})", {1, 4, 5, 6}, {4, 5, 6}, kFloats, ""},
      {R"({"type": "DiceLoss"})",
       {3, 4, 5, 6},
       {3, 4, 5, 6},
       kIntegers,
       "3: DiceLoss: predictions (N, 3, 4, 5, 6) need integer labels (N, 4, 5, 6), found integers "
       "(N, 3, 4, 5, 6); store class numbers instead of a channel a class, or set \"sigmoid\": "
       "true"},
      {R"({"type": "FocalLoss"})",
       {1, 4, 5, 6},
       {4, 5, 6},
       kIntegers,
       "3: FocalLoss: expected predictions of at least 2 classes, found (N, 1, 4, 5, 6); for one "
       "logit set \"sigmoid\": true"},
      {R"({"type": "DiceCELoss"})",
       {3, 4, 5, 6},
       {4, 5, 6},
       kFloats,
       "3: DiceCELoss: predictions (N, 3, 4, 5, 6) need integer labels (N, 4, 5, 6), found floats "
       "(N, 4, 5, 6); store labels as integers"},
      {R"({"type": "DiceCELoss", "sigmoid": true})",
       {3, 4, 5, 6},
       {4, 5, 6},
       kIntegers,
       "3: DiceCELoss: predictions (N, 3, 4, 5, 6) need targets (N, 3, 4, 5, 6), found (N, 4, 5, "
       "6); for class numbers leave \"sigmoid\" out"},
      {R"({"type": "DiceLoss", "sigmoid": true, "include_background": false})",
       {1, 4, 5, 6},
       {1, 4, 5, 6},
       kIntegers,
       "2: DiceLoss: \"include_background\": false leaves none of (N, 1, 4, 5, 6); leave it out"},
      {R"({"type": "DiceLoss", "weight": [1, 2]})",
       {3, 4, 5, 6},
       {4, 5, 6},
       kIntegers,
       "2: a.json: /loss/weight: expected 3 numbers, one a class, found 2"},
      {R"({"type": "FocalLoss", "weight": [1, 2], "sigmoid": true})",
       {3, 4, 5, 6},
       {3, 4, 5, 6},
       kIntegers,
       "2: a.json: /loss/weight: expected 3 numbers, one a channel, found 2"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.error);
    const auto loss = from_text(row.config, "/loss", make_loss);
    CHECK(error_of([&] { loss->check(row.prediction, row.target, row.target_type); }) == row.error);
  }
}

TEST_CASE("weights that do not match the channels are told where they stand") {
  const auto classes =
      from_text(R"({"type": "CrossEntropyLoss", "weight": [1, 2]})", "/loss", make_loss);
  CHECK(error_of([&] { classes->check({3}, {}, TargetType::kIntegers); }) ==
        "2: a.json: /loss/weight: expected 3 numbers, one a class, found 2");
  CHECK(error_of([&] { classes->check({2}, {}, TargetType::kIntegers); }).empty());
  const auto binary =
      from_text(R"({"type": "BCEWithLogitsLoss", "pos_weight": [1, 2]})", "/loss", make_loss);
  CHECK(error_of([&] { binary->check({3}, {3}, TargetType::kFloats); }) ==
        "2: a.json: /loss/pos_weight: expected a number or a list of 3, one a channel, found 2");
  CHECK(error_of([&] { binary->check({2}, {2}, TargetType::kFloats); }).empty());
}

TEST_CASE("a label that is no class is refused before it is used") {
  const auto loss = from_text(R"({"type": "CrossEntropyLoss"})", "/loss", make_loss);
  const auto error_with = [&](float label) {
    return error_of([&] {
      loss->evaluate({2, 3}, std::vector<float>(6), std::vector<float>{0, label}, {});
    });
  };
  const std::string expected =
      "3: CrossEntropyLoss: expected labels from 0 to 2 or -100 (ignore_index), found ";
  CHECK(error_with(3) == expected + "3");
  CHECK(error_with(-1) == expected + "-1");
  CHECK(error_with(0.5F) == expected + "0.5");
  CHECK(error_with(std::numeric_limits<float>::quiet_NaN()) == expected + "nan");
  CHECK(error_with(1e30F) == expected + "1e+30");
  CHECK(error_with(-100).empty());
}
