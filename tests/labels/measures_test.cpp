#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "data/hdf5/file.h"
#include "labels/evaluation/summary.h"
#include "labels/made_labels.h"
#include "paths.h"

namespace lucid::test {
namespace {

// Sums and percentiles of some thousand distances.
constexpr double kTolerance = 1e-9;

NearestVoxel::Spacing spacing_of(const Json& row) {
  return {row["spacing"][0].get<double>(), row["spacing"][1].get<double>(),
          row["spacing"][2].get<double>()};
}

CaseMeasures measured(LabelPlanes& prediction, LabelPlanes& truth,
                      const NearestVoxel::Spacing& spacing, const EvaluationOptions& options = {}) {
  return measure_case({"a", "p.nii", "t.nii", prediction, truth, spacing}, options, no_progress);
}

// Compares every value that the file has, and that others are not defined.
void check_measures(const CaseMeasures& found, const Json& expected) {
  for (const ClassMeasures& each : found.classes) {
    const std::string label = std::to_string(each.label);
    if (!expected.contains(label)) {
      CHECK(each.voxels.predicted() + each.voxels.in_truth() == 0);
      continue;
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(Measure::kSurfaceDice); ++i) {
      const std::string key(measure_name(i).key);
      if (key == "Precision" || key == "Recall") continue;
      CAPTURE(label);
      CAPTURE(key);
      if (expected[label].contains(key))
        CHECK(std::abs(each.values[i] - expected[label][key].get<double>()) < kTolerance);
      else
        CHECK(std::isnan(each.values[i]));
    }
  }
}

LabelArray box_of(const std::vector<std::int64_t>& lobes, const Triple& whole, const Triple& begin,
                  const Triple& size) {
  std::vector<Label> labels;
  for (std::int64_t d = begin[0]; d < begin[0] + size[0]; ++d)
    for (std::int64_t h = begin[1]; h < begin[1] + size[1]; ++h)
      for (std::int64_t w = begin[2]; w < begin[2] + size[2]; ++w)
        labels.push_back(
            static_cast<Label>(lobes[static_cast<std::size_t>((d * whole[1] + h) * whole[2] + w)]));
  return {size, labels};
}

}  // namespace

TEST_CASE("overlaps and surface distances of 50 random volumes are those of SciPy") {
  const Json rows = read_golden("evaluation.json")["random"];
  REQUIRE(rows.size() == 50);
  for (const Json& row : rows) {
    CAPTURE(row["seed"].get<int>());
    LabelArray prediction = made_labels(row, triple_of(row["shift"])), truth = made_labels(row);
    check_measures(measured(prediction, truth, spacing_of(row)), row["measures"]);
  }
}

TEST_CASE("overlaps and surface distances of lobes of a brain are those of SciPy") {
  const hdf5::Array lobes =
      hdf5::File(std::string(LUCID_SOURCE_DIR) + "/data/brain.h5").open("lobes");
  const std::vector<std::int64_t> labels = lobes.read<std::int64_t>();
  const Triple whole{lobes.shape()[0], lobes.shape()[1], lobes.shape()[2]};
  const Json rows = read_golden("evaluation.json")["brain"];
  REQUIRE(rows.size() == 10);
  for (const Json& row : rows) {
    const Triple begin = triple_of(row["begin"]), size = triple_of(row["size"]),
                 shift = triple_of(row["shift"]);
    LabelArray truth = box_of(labels, whole, begin, size);
    LabelArray prediction = box_of(
        labels, whole, {begin[0] + shift[0], begin[1] + shift[1], begin[2] + shift[2]}, size);
    check_measures(measured(prediction, truth, spacing_of(row)), row["measures"]);
  }
}

TEST_CASE("measures of numbered objects are those of scikit-image and of an optimal matching") {
  const Json rows = read_golden("evaluation.json")["instances"];
  REQUIRE(rows.size() == 20);
  for (const Json& row : rows) {
    CAPTURE(row["seed"].get<int>());
    LabelArray prediction = made_labels(row, triple_of(row["shift"])), truth = made_labels(row);
    const CaseMeasures found = measured(prediction, truth, {1, 1, 1}, {.are_instances = true});
    CHECK(found.classes.empty());
    for (const auto& value : instance_values(*found.instances)) {
      if (!row["measures"].contains(value.first)) continue;
      CAPTURE(value.first);
      CHECK(std::abs(value.second - row["measures"][value.first].get<double>()) < kTolerance);
    }
  }
}

TEST_CASE("a class in one volume has Dice 0 and no distance, and one in neither counts nowhere") {
  LabelArray truth({1, 1, 4}, {1, 1, 2, 0}), prediction({1, 1, 4}, {1, 1, 0, 0});
  LabelArray others({1, 1, 4}, {3, 0, 0, 0}), equal = others;
  std::vector<CaseMeasures> cases{measured(prediction, truth, {1, 2, 3}),
                                  measured(others, equal, {1, 2, 3})};
  complete_classes(cases);
  REQUIRE(cases[0].classes.size() == 4);
  const ClassMeasures missed = cases[0].classes[2], absent = cases[0].classes[3];
  CHECK(missed.label == 2);
  CHECK(missed[Measure::kDice] == 0);
  CHECK(missed[Measure::kSurfaceDice] == 0);
  CHECK(missed[Measure::kRecall] == 0);
  CHECK(std::isnan(missed[Measure::kPrecision]));
  CHECK(std::isnan(missed[Measure::kHd95]));
  CHECK(missed[Measure::kVolumeDifference] == -6);
  CHECK(std::isnan(absent[Measure::kDice]));
  CHECK(absent.voxels.tn == 4);
  const Summary summary = summary_of(cases);
  CHECK(summary.classes.at(1)[0] == 1);  // of one case; the other has no class 1
  CHECK(summary.foreground[0] == doctest::Approx(2.0 / 3));
  CHECK(summary.all[0] == doctest::Approx((2 + (2.0 / 3 + 1) / 2) / 4));
  CHECK(evaluation_json(cases, {})["metric_per_case"][0]["metrics"]["3"]["Dice"].is_null());
  CHECK_FALSE(evaluation_json(cases, {})["cases"][0]["classes"].contains("3"));
}

TEST_CASE("a missed class takes the diagonal of the volume for its distances if it is to count") {
  LabelArray truth({1, 3, 4}, std::vector<Label>(12, 1)),
      prediction({1, 3, 4}, std::vector<Label>(12, 0));
  const CaseMeasures found =
      measured(prediction, truth, {12, 1, 1}, {.missing = MissingDistance::kDiagonal});
  CHECK(found.classes[1][Measure::kHd95] == 13);
  CHECK(found.classes[1][Measure::kMeanSurfaceDistance] == 13);
}

TEST_CASE("the percentile of distances interpolates between ranks as NumPy") {
  std::vector<double> values{4, 1, 3, 2};
  CHECK(percentile(values, 95) == doctest::Approx(3.85));
  CHECK(percentile(values, 0) == 1);
  CHECK(percentile(values, 100) == 4);
  CHECK(percentile(std::span(values).first(1), 95) == values[0]);
}

TEST_CASE("halves of an object match it once at an IoU of 0.5") {
  LabelArray truth({1, 1, 4}, {7, 7, 7, 7}), prediction({1, 1, 4}, {1, 1, 2, 2});
  const CaseMeasures found = measured(prediction, truth, {1, 1, 1}, {.are_instances = true});
  CHECK(found.instances->average_precision[0] == 0.5);  // one match, one half left over
  CHECK(found.instances->average_precision[1] == 0);
  CHECK(found.instances->voi_split == 1);
  CHECK(found.instances->voi_merge == 0);
}

TEST_CASE("surfaces beyond the memory limit are refused with their size and the option to raise") {
  LabelArray truth({2, 64, 64}, std::vector<Label>(8192, 1)), prediction = truth;
  try {
    measured(prediction, truth, {1, 1, 1}, {.memory_bytes = 4096});
    FAIL_CHECK("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kFailed);
    CHECK(
        std::string(error.what()) ==
        "p.nii: the surfaces of its classes and of t.nii have more than 16,384 voxels, which take "
        "512.0 KiB; raise --memory, or leave distances out with --no-distances");
  }
  CHECK(measured(prediction, truth, {1, 1, 1}, {.has_distances = false, .memory_bytes = 1})
            .classes[1][Measure::kDice] == 1);
}

}  // namespace lucid::test
