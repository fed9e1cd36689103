#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "objective/loss/loss.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

struct LossErrorRow {
  const char *config, *error;
};

const LossErrorRow kLossErrors[] = {
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
     "2: a.json: /loss/weight: expected 'auto' or a list of numbers, one per class, found "
     "'balanced'"},
    {R"({"type": "CrossEntropyLoss", "weight": [1, -1]})",
     "2: a.json: /loss/weight: expected a list of numbers, each a number >= 0, found [1,-1]"},
    {R"({"type": "CrossEntropyLoss", "label_smoothing": 1.5})",
     "2: a.json: /loss/label_smoothing: expected a number >= 0 and <= 1, found 1.5"},
    {R"({"type": "CrossEntropyLoss", "ignore_index": 0.5})",
     "2: a.json: /loss/ignore_index: expected an integer, found 0.5"},
    {R"({"type": "BCEWithLogitsLoss", "pos_weight": "auto"})",
     "2: a.json: /loss/pos_weight: expected a number or a list of them, one per channel, found "
     "'auto'"},
    {R"({"type": "BCEWithLogitsLoss", "weight": [1]})",
     "2: a.json: /loss/weight: expected null (the only value supported), found [1]"},
};

}  // namespace

TEST_CASE("a mistake in a loss's arguments is told where it stands") {
  for (const LossErrorRow& row : kLossErrors) {
    CAPTURE(row.config);
    CHECK(error_of([&] { from_text(row.config, "/loss", make_loss); }) == row.error);
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
       "2: a.json: /loss/weight: expected 'auto' or a list of numbers, one per class, found "
       "'balanced'"},
      {R"({"type": "DiceLoss", "sigmoid": true, "weight": "auto"})",
       "2: a.json: /loss/weight: expected a list of numbers, one per channel, beside \"sigmoid\", "
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
