#include <doctest/doctest.h>

#include "objective/loss/loss.h"
#include "support/from_text.h"

using namespace lucid;
using namespace lucid::test;

namespace {

struct TargetRow {
  const char* type;
  Shape prediction, target;
  TargetType target_type;
  const char* error;
};

constexpr auto kIntegers = TargetType::kIntegers, kFloats = TargetType::kFloats;
const TargetRow kTargetRows[] = {
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
     "class indices instead of one channel per class"},
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
     "4, 5, 6); for class indices use CrossEntropyLoss"},
    {"L1Loss",
     {3},
     {4},
     kFloats,
     "3: L1Loss: predictions (N, 3) need targets (N, 3), found (N, 4); change the last layer or "
     "the targets"},
};

}  // namespace

TEST_CASE("targets that do not fit are refused with both shapes and what to do") {
  for (const TargetRow& row : kTargetRows) {
    CAPTURE(row.error);
    const auto loss =
        from_text(std::string(R"({"type": ")") + row.type + "\"}", "/loss", make_loss);
    CHECK(error_of([&] { loss->check(row.prediction, row.target, row.target_type); }) == row.error);
  }
}

namespace {

struct LabelTargetRow {
  const char* config;
  Shape prediction, target;
  TargetType target_type;
  const char* error;
};

const LabelTargetRow kLabelTargetRows[] = {
    {R"({"type": "DiceLoss"})", {3, 4, 5, 6}, {4, 5, 6}, kIntegers, ""},
    {R"({"type": "DiceCELoss", "sigmoid": true})", {3, 4, 5, 6}, {3, 4, 5, 6}, kIntegers, ""},
    {R"({"type": "FocalLoss", "sigmoid": true})", {1, 4, 5, 6}, {4, 5, 6}, kFloats, ""},
    {R"({"type": "DiceLoss"})",
     {3, 4, 5, 6},
     {3, 4, 5, 6},
     kIntegers,
     "3: DiceLoss: predictions (N, 3, 4, 5, 6) need integer labels (N, 4, 5, 6), found integers "
     "(N, 3, 4, 5, 6); store class indices instead of one channel per class, or set \"sigmoid\": "
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
     "6); for class indices leave \"sigmoid\" out"},
    {R"({"type": "DiceLoss", "sigmoid": true, "include_background": false})",
     {1, 4, 5, 6},
     {1, 4, 5, 6},
     kIntegers,
     "2: DiceLoss: \"include_background\": false leaves none of (N, 1, 4, 5, 6); leave it out"},
    {R"({"type": "DiceLoss", "weight": [1, 2]})",
     {3, 4, 5, 6},
     {4, 5, 6},
     kIntegers,
     "2: a.json: /loss/weight: expected 3 numbers, one per class, found 2"},
    {R"({"type": "FocalLoss", "weight": [1, 2], "sigmoid": true})",
     {3, 4, 5, 6},
     {3, 4, 5, 6},
     kIntegers,
     "2: a.json: /loss/weight: expected 3 numbers, one per channel, found 2"},
};

}  // namespace

TEST_CASE("losses over labels say how targets and the way they are read would fit") {
  for (const LabelTargetRow& row : kLabelTargetRows) {
    CAPTURE(row.error);
    const auto loss = from_text(row.config, "/loss", make_loss);
    CHECK(error_of([&] { loss->check(row.prediction, row.target, row.target_type); }) == row.error);
  }
}

TEST_CASE("weights that do not match the channels are told where they stand") {
  const auto classes =
      from_text(R"({"type": "CrossEntropyLoss", "weight": [1, 2]})", "/loss", make_loss);
  CHECK(error_of([&] { classes->check({3}, {}, TargetType::kIntegers); }) ==
        "2: a.json: /loss/weight: expected 3 numbers, one per class, found 2");
  CHECK(error_of([&] { classes->check({2}, {}, TargetType::kIntegers); }).empty());
  const auto binary =
      from_text(R"({"type": "BCEWithLogitsLoss", "pos_weight": [1, 2]})", "/loss", make_loss);
  CHECK(error_of([&] { binary->check({3}, {3}, TargetType::kFloats); }) ==
        "2: a.json: /loss/pos_weight: expected a number or a list of 3, one per channel, found 2");
  CHECK(error_of([&] { binary->check({2}, {2}, TargetType::kFloats); }).empty());
}
