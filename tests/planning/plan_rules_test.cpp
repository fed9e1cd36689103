#include "planning/rules/plan_rules.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/golden.h"

namespace lucid::test {
namespace {

SetGeometry geometry_of(const Json& row) {
  SetGeometry set{.channels = row["channels"], .classes = row["classes"]};
  const std::size_t repeated = std::max<std::size_t>(row["cases"].get<std::size_t>(), 1);
  for (std::size_t i = 0; i < repeated; ++i) {
    for (const Json& shape : row["shapes"]) set.shapes.push_back(shape);
    for (const Json& spacing : row["spacings"]) set.spacings.push_back(spacing);
  }
  return set;
}

void check_plan(const NnunetPlan& plan, const Json& expected) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    CHECK(plan.spacing[axis] ==
          doctest::Approx(expected["spacing"][axis].get<double>()).epsilon(1e-12));
  CHECK(Json(plan.unet.topology.patch) == expected["patch"]);
  CHECK(plan.batch == expected["batch"]);
  CHECK(Json(plan.unet.topology.strides) == expected["strides"]);
  CHECK(Json(plan.unet.topology.kernels) == expected["kernels"]);
  CHECK(Json(plan.unet.features) == expected["features"]);
  CHECK(plan.unet.is_residual() == expected.contains("blocks"));
  if (!plan.unet.is_residual()) return;
  CHECK(Json(plan.unet.blocks) == expected["blocks"]);
  CHECK(unet_cost(plan.unet).elements == expected["elements"].get<double>());
}

// Compares the plans for a memory. Returns how many of low resolution there are.
int check_plans(const SetGeometry& set, Encoder encoder, const Json& expected) {
  const RuleOptions options{.memory_gb = expected["memory"], .encoder = encoder};
  const NnunetPlan full = full_resolution_plan(set, options);
  check_plan(full, expected["full"]);
  const auto low = low_resolution_plan(set, full, options);
  REQUIRE(low.has_value() == !expected["low"].is_null());
  if (low) check_plan(*low, expected["low"]);
  return low ? 1 : 0;
}

}  // namespace

TEST_CASE("plans of four public sets and 60 random ones are nnU-Net's") {
  const Json rows = read_golden("planning.json");
  REQUIRE(rows.size() == 64);
  int low_resolutions = 0;
  for (const Json& row : rows) {
    const std::string name = row["name"];
    CAPTURE(name);
    low_resolutions += check_plans(geometry_of(row), Encoder::kPlain, row);
  }
  CHECK(low_resolutions == 6);
}

TEST_CASE("plans with residual encoders are those of nnU-Net's presets M, L and XL") {
  std::size_t plans = 0;
  int low_resolutions = 0;
  for (const Json& row : read_golden("planning.json")) {
    const std::string name = row["name"];
    CAPTURE(name);
    for (const Json& expected : row["residual"]) {
      CAPTURE(expected["memory"].get<double>());
      low_resolutions += check_plans(geometry_of(row), Encoder::kResidual, expected);
      ++plans;
    }
  }
  CHECK(plans == 72);
  CHECK(low_resolutions == 4);
}

TEST_CASE("residual encoders are planned as the largest preset that fits, scaled") {
  const auto name = [](double memory_gb) {
    return preset_name({.memory_gb = memory_gb, .encoder = Encoder::kResidual});
  };
  CHECK(name(4) == "nnU-Net's ResEnc M");
  CHECK(name(23.9) == "nnU-Net's ResEnc M");
  CHECK(name(24) == "nnU-Net's ResEnc L");
  CHECK(name(80) == "nnU-Net's ResEnc XL");
  CHECK(preset_name({.memory_gb = 40}) == "nnU-Net");
}

// Parameters and FLOPs of a step, 3 times the forward pass, counted by hand for nnU-Net's plans.
TEST_CASE("a plan's U-Net costs what its layers cost") {
  struct Row {
    std::string name;
    double parameters, gflop;  // in millions; of a step with the whole batch
  };
  const Row rows[] = {{"Hippocampus", 5.6, 1034},
                      {"Heart", 30.8, 6717},
                      {"BraTS", 31.2, 5795},
                      {"Spleen", 31.1, 6306}};
  const Json sets = read_golden("planning.json");
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    CAPTURE(rows[i].name);
    REQUIRE(sets[i]["name"] == rows[i].name);
    const NnunetPlan plan = full_resolution_plan(geometry_of(sets[i]), {});
    const UnetCost cost = unet_cost(plan.unet);
    CHECK(std::abs(cost.parameters / 1e6 - rows[i].parameters) < 0.05);
    CHECK(std::abs(3 * cost.flops * static_cast<double>(plan.batch) / 1e9 - rows[i].gflop) < 1);
  }
}

TEST_CASE("fewer features make room for larger patches") {
  const Json spleen = read_golden("planning.json")[3];
  const SetGeometry set = geometry_of(spleen);
  const NnunetPlan usual = full_resolution_plan(set, {});
  const NnunetPlan narrow = full_resolution_plan(set, {.first_features = 16});
  CHECK(narrow.unet.features.front() == 16);
  const auto voxels = [](const Triple& t) { return t[0] * t[1] * t[2]; };
  CHECK(voxels(narrow.unet.topology.patch) > voxels(usual.unet.topology.patch));
}

}  // namespace lucid::test
