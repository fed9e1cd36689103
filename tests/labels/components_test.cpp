#include <doctest/doctest.h>

#include "labels/made_labels.h"
#include "labels/postprocess.h"

namespace lucid::test {
namespace {

// The digest of make_evaluation.py, which depends on every voxel.
std::string digest(const std::vector<Label>& labels) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    sum += mixed(i + 1) * static_cast<std::uint64_t>(labels[i]);
  char text[20];
  std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(sum));
  return text;
}

std::vector<Label> processed(LabelPlanes& labels, const PostprocessOptions& options) {
  Postprocessed result(labels, options, no_progress);
  return all_labels(result);
}

LabelArray binary(const LabelArray& labels) {
  std::vector<Label> values = labels.labels();
  for (Label& value : values) value = value != 0;
  return {labels.extents(), values};
}

}  // namespace

TEST_CASE("components of 50 random volumes are SciPy's in the order of their first voxels") {
  const Json rows = read_golden("evaluation.json")["components"];
  REQUIRE(rows.size() == 50);
  for (const Json& row : rows) {
    CAPTURE(row["seed"].get<int>());
    LabelArray labels = made_labels(row);
    REQUIRE(Json(digest(labels.labels())) == row["digests"]["labels"]);
    for (const auto connectivity :
         {Connectivity::kFaces, Connectivity::kEdges, Connectivity::kCorners}) {
      const Json& expected = row["digests"][std::to_string(static_cast<int>(connectivity))];
      const PostprocessOptions base{.connectivity = connectivity};
      PostprocessOptions options = base;
      options.number_components = true;
      Postprocessed numbered(labels, options, no_progress);
      CHECK(numbered.counts().numbered == expected["count"]);
      CHECK(Json(digest(all_labels(numbered))) == expected["components"]);
      const Components foreground(labels, {ComponentsOf::kForeground, connectivity}, no_progress);
      CHECK(std::ssize(foreground.all()) == expected["foreground"]);
      options = base;
      options.min_voxels = 4;
      CHECK(Json(digest(processed(labels, options))) == expected["min_size_4"]);
      options = base;
      options.keep_largest = ComponentsOf::kEachLabel;
      CHECK(Json(digest(processed(labels, options))) == expected["largest"]);
      options.keep_largest = ComponentsOf::kForeground;
      CHECK(Json(digest(processed(labels, options))) == expected["largest_foreground"]);
    }
    LabelArray mask = binary(labels);
    CHECK(Json(digest(processed(mask, {.fill_holes = true}))) == row["digests"]["filled"]);
  }
}

TEST_CASE("a U is one component although its arms begin apart") {
  LabelArray labels({1, 2, 3}, {5, 0, 5, 5, 5, 5});
  const Components found(labels, {}, no_progress);
  REQUIRE(found.all().size() == 1);
  CHECK(found.all()[0].voxels == 5);
  CHECK(found.all()[0].label == 5);
  CHECK(found.index_of_part() == std::vector<std::uint32_t>{0, 0});
}

TEST_CASE("holes are filled with the one class around them, and others are left") {
  // A hole of 2 in class 1, a hole between 1 and 2, and one at the border.
  LabelArray labels({3, 3, 8},
                    {1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 2, 2, 2,
                     1, 1, 1, 1, 1, 2, 2, 2, 1, 0, 0, 1, 0, 2, 2, 0, 1, 1, 1, 1, 1, 2, 2, 2,
                     1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 2, 2, 2});
  std::vector<Label> filled = labels.labels();
  filled[33] = filled[34] = 1;
  Postprocessed result(labels, {.fill_holes = true}, no_progress);
  CHECK(all_labels(result) == filled);
  CHECK(result.counts().holes == 1);
  CHECK(result.counts().hole_voxels == 2);
}

TEST_CASE("labels are merged first, then components removed, holes filled and numbers given") {
  // 3 becomes 1 and joins it; the 2 alone in it is removed, and its voxel a hole of 1.
  LabelArray labels(
      {3, 3, 3}, {1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1});
  PostprocessOptions options{.relabel = {{3, 1}}, .min_voxels = 2, .fill_holes = true};
  CHECK(processed(labels, options) == std::vector<Label>(27, 1));
  options.relabel = {{3, 0}};
  options.fill_holes = false;
  options.number_components = true;
  CHECK(processed(labels, options)[0] == 1);
  CHECK(processed(labels, options)[13] == 0);
  CHECK(Postprocessed::passes(options) == 2);
}

TEST_CASE("the largest component of a class may lie beyond that of the foreground") {
  LabelArray labels({1, 1, 12}, {1, 1, 1, 0, 2, 2, 1, 2, 1, 1, 0, 1});
  PostprocessOptions options{.keep_largest = ComponentsOf::kEachLabel, .largest_of = {1}};
  CHECK(processed(labels, options) == std::vector<Label>{1, 1, 1, 0, 2, 2, 0, 2, 0, 0, 0, 0});
  options.foreground_first = true;
  CHECK(Postprocessed::passes(options) == 2);
  CHECK(processed(labels, options) == std::vector<Label>{0, 0, 0, 0, 2, 2, 0, 2, 1, 1, 0, 0});
  Postprocessed result(labels, options, no_progress);
  CHECK(result.counts().components == 3 + 4);
  CHECK(result.counts().removed == 2 + 1);
  CHECK(result.counts().removed_voxels == 4 + 1);
}

TEST_CASE("of equally large components the first stays") {
  LabelArray labels({1, 1, 5}, {2, 0, 2, 0, 1});
  CHECK(processed(labels, {.keep_largest = ComponentsOf::kEachLabel}) ==
        std::vector<Label>{2, 0, 0, 0, 1});
  CHECK(processed(labels, {.keep_largest = ComponentsOf::kForeground}) ==
        std::vector<Label>{2, 0, 0, 0, 0});
}

}  // namespace lucid::test
