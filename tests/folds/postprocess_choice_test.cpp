#include "folds/postprocess_choice.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace lucid::test {
namespace {

// Voxels of the truth, and for what is left by each rule: voxels and those that are right.
LargestOverlaps overlaps(std::int64_t in_truth, OverlapVoxels all, OverlapVoxels largest,
                         OverlapVoxels in_foreground, OverlapVoxels largest_in_foreground) {
  return {in_truth, all, largest, in_foreground, largest_in_foreground};
}

Json rules_of(const PostprocessChoice& choice) {
  return choice.rules ? postprocess_json(*choice.rules) : Json();
}

std::vector<bool> kept(const PostprocessChoice& choice) {
  std::vector<bool> all;
  for (const TriedRule& tried : choice.tried) all.push_back(tried.is_kept);
  return all;
}

// A class of 10 voxels of which all are found, and 10 false ones in another component.
const LargestOverlaps kFalsePart = overlaps(10, {20, 10}, {10, 10}, {20, 10}, {10, 10});
// A class of two parts, 6 and 4 voxels, as predicted.
const LargestOverlaps kTwoParts = overlaps(10, {10, 10}, {6, 6}, {10, 10}, {6, 6});

}  // namespace

TEST_CASE("the largest component is kept of the classes that it helps") {
  const std::vector<CaseOverlaps> cases{{{1, kFalsePart}, {2, kTwoParts}},
                                        {{1, kFalsePart}, {2, kTwoParts}}};
  const PostprocessChoice choice = choose_postprocessing(cases);
  CHECK(rules_of(choice) == Json{{"keep_largest", {1}}, {"connectivity", 26}});
  CHECK(kept(choice) == std::vector<bool>{false, true, false});
  CHECK(choice.before.classes.at(1) == doctest::Approx(20.0 / 30));
  CHECK(choice.before.foreground == doctest::Approx((20.0 / 30 + 1) / 2));
  CHECK(choice.after.classes.at(1) == 1);
  CHECK(choice.after.classes.at(2) == 1);
  CHECK(choice.after.foreground == 1);
  CHECK(choice.tried[2].after.classes.at(2) == doctest::Approx(12.0 / 16));
  CHECK(postprocess_json(choice.tried[0].rule)["keep_largest"] == "foreground");
  CHECK(postprocess_json(choice.tried[2].rule)["keep_largest"] == Json{2});
}

TEST_CASE("a rule that raises the mean is refused if a class falls by it") {
  // Class 1 gains a third, class 2 loses 2 of 100 voxels.
  const std::vector<CaseOverlaps> cases{
      {{1, overlaps(10, {20, 10}, {20, 10}, {10, 10}, {10, 10})},
       {2, overlaps(100, {100, 100}, {100, 100}, {98, 98}, {98, 98})}}};
  const PostprocessChoice choice = choose_postprocessing(cases);
  CHECK_FALSE(choice.rules);
  CHECK(choice.tried[0].after.foreground > choice.before.foreground);
  CHECK(choice.tried[0].after.classes.at(2) < choice.before.classes.at(2));
  CHECK(kept(choice) == std::vector<bool>{false, false, false});
  CHECK(choice.after.foreground == choice.before.foreground);
}

TEST_CASE("a class that falls in one case and rises more in another one rises") {
  const std::vector<CaseOverlaps> cases{{{1, kFalsePart}}, {{1, kTwoParts}}, {{1, kFalsePart}}};
  const PostprocessChoice choice = choose_postprocessing(cases);
  CHECK(rules_of(choice)["keep_largest"] == Json{1});
  CHECK(choice.before.foreground == doctest::Approx((1 + 2 * 20.0 / 30) / 3));
  CHECK(choice.after.foreground == doctest::Approx((2 + 12.0 / 16) / 3));
}

TEST_CASE("the largest components of classes are kept within that of the foreground") {
  // Keeping the foreground helps both, keeping the largest of that helps class 2 again.
  const std::vector<CaseOverlaps> cases{{{1, overlaps(10, {20, 10}, {10, 10}, {12, 10}, {12, 10})},
                                         {2, overlaps(10, {20, 10}, {12, 0}, {16, 10}, {10, 10})}}};
  const PostprocessChoice choice = choose_postprocessing(cases);
  CHECK(rules_of(choice) == Json{{"keep_largest", {"foreground", 2}}, {"connectivity", 26}});
  CHECK(kept(choice) == std::vector<bool>{true, false, true});
  CHECK(choice.after.classes.at(1) == doctest::Approx(20.0 / 22));
  CHECK(choice.after.classes.at(2) == 1);
}

TEST_CASE("a case in which a class is in neither volume does not count for it") {
  // What is predicted of class 1 in the first case is all false, and lies beyond the foreground's
  // largest component: without it the case does not count.
  const std::vector<CaseOverlaps> cases{
      {{1, overlaps(0, {5, 0}, {5, 0}, {0, 0}, {0, 0})}, {2, kTwoParts}},
      {{1, overlaps(10, {10, 8}, {10, 8}, {10, 8}, {10, 8})}, {2, kTwoParts}},
      {{2, kTwoParts}}};
  const PostprocessChoice choice = choose_postprocessing(cases);
  CHECK(rules_of(choice)["keep_largest"] == "foreground");
  CHECK(choice.before.classes.at(1) == doctest::Approx(0.4));
  CHECK(choice.after.classes.at(1) == doctest::Approx(0.8));
}

TEST_CASE("a class that no case has any more does not fall") {
  const std::vector<CaseOverlaps> cases{
      {{1, overlaps(0, {5, 0}, {5, 0}, {0, 0}, {0, 0})}, {2, kTwoParts}}};
  const PostprocessChoice choice = choose_postprocessing(cases);
  CHECK(rules_of(choice)["keep_largest"] == "foreground");
  CHECK(std::isnan(choice.after.classes.at(1)));
  CHECK(choice.after.foreground == 1);
}

TEST_CASE("nothing is tried without foreground, and nothing kept where nothing helps") {
  const PostprocessChoice none = choose_postprocessing({{}, {}});
  CHECK_FALSE(none.rules);
  CHECK(none.tried.empty());
  CHECK(std::isnan(none.before.foreground));
  const OverlapVoxels all{10, 9};
  const PostprocessChoice same = choose_postprocessing({{{1, overlaps(12, all, all, all, all)}}});
  CHECK_FALSE(same.rules);
  CHECK(kept(same) == std::vector<bool>{false, false});
  CHECK_FALSE(choose_postprocessing({}).rules);
}

}  // namespace lucid::test
