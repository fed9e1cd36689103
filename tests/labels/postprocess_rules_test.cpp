#include "labels/postprocess_rules.h"

#include <doctest/doctest.h>

#include "labels/made_labels.h"
#include "support/from_text.h"

namespace lucid::test {
namespace {

PostprocessRules rules_in(const std::string& text) {
  const Json json = parse_json(text, "a.json");
  ConfigErrors errors("a.json");
  const PostprocessRules rules = read_postprocess_json(JsonObject(json, "/postprocess", errors));
  errors.throw_if_any();
  return rules;
}

}  // namespace

TEST_CASE("rules of postprocessing are the same after they were written as JSON") {
  for (
      const char* text :
      {R"({"connectivity":26})",
       R"({"merge":{"2":1,"3":1},"min_size":{"mm3":30.5},"keep_largest":"per-class","connectivity":6})",
       R"({"min_size":{"voxels":50.0},"keep_largest":"foreground","fill_holes":true,"connectivity":18})",
       R"({"keep_largest":[1,3],"fill_holes":[2],"components":true,"connectivity":26})",
       R"({"keep_largest":["foreground",2],"connectivity":26})",
       R"({"keep_largest":["foreground","per-class"],"connectivity":26})"})
    CHECK(json_text(postprocess_json(rules_in(text))) == text);
}

TEST_CASE("rules that a file cannot mean are errors with their place") {
  CHECK(error_of([] {
          rules_in(R"({"merge": {"x": 1}, "min_size": {"ml": 3}, "keep_largest": "largest",
                       "fill_holes": [0.5], "components": 1, "connectivity": 8, "largest": 1})");
        }) ==
        "2: a.json: /postprocess/merge: expected an object of labels and the labels they become, "
        "found {\"x\":1}\n"
        "a.json: /postprocess/min_size: expected the key 'voxels' (a number >= 0 and <= 1e+15), "
        "found none\n"
        "a.json: /postprocess/min_size/ml: unknown key; known: mm3, voxels\n"
        "a.json: /postprocess/keep_largest: expected one of per-class, foreground, found "
        "'largest'\n"
        "a.json: /postprocess/fill_holes: expected true, false or a list of labels, found [0.5]\n"
        "a.json: /postprocess/components: expected true or false, found 1\n"
        "a.json: /postprocess/connectivity: expected 6, 18 or 26, found 8\n"
        "a.json: /postprocess/largest: unknown key; known: merge, min_size, keep_largest, "
        "fill_holes, components, connectivity");
}

TEST_CASE("a list of what is kept has labels behind the foreground") {
  for (const char* list : {R"(["foreground"])", R"(["foreground", "per-class", 1])",
                           R"([1, "foreground"])", R"(["foreground", -1])"})
    CHECK_THROWS_AS(rules_in(R"({"keep_largest": )" + std::string(list) + "}"), Error);
  CHECK(error_of([] { rules_in(R"({"keep_largest": ["foreground", "all"]})"); }) ==
        "2: a.json: /postprocess/keep_largest: expected \"per-class\" or labels behind "
        "\"foreground\", found [\"foreground\",\"all\"]");
}

TEST_CASE("a size in mm3 is rounded up to voxels, and needs the size of voxels") {
  const PostprocessRules rules = rules_in(R"({"min_size": {"mm3": 30}})");
  CHECK(rules.for_voxels({{1, 2, 3}}, "a.nii").min_voxels == 5);
  CHECK(rules.for_voxels({{1, 2, 2}}, "a.nii").min_voxels == 8);
  CHECK(error_of([&] { rules.for_voxels({}, "a.nii"); }) ==
        "2: a.nii: says nothing of its voxels; give min-size in voxels");
}

TEST_CASE("the largest component and holes of chosen labels alone are looked at") {
  LabelArray labels({1, 1, 9}, {1, 0, 1, 1, 0, 2, 0, 2, 2});
  const PostprocessOptions options{.keep_largest = ComponentsOf::kEachLabel, .largest_of = {2}};
  Postprocessed kept(labels, options, [](double) {});
  CHECK(all_labels(kept) == std::vector<Label>{1, 0, 1, 1, 0, 0, 0, 2, 2});
  LabelArray boxes({3, 3, 6}, std::vector<Label>(54, 1));
  std::vector<Label> hollow = boxes.labels();
  for (std::size_t i = 0; i < hollow.size(); ++i) hollow[i] = i % 6 < 3 ? 1 : 2;
  std::vector<Label> filled = hollow;
  hollow[18 + 6 + 1] = hollow[18 + 6 + 4] = filled[18 + 6 + 1] = 0;
  LabelArray two({3, 3, 6}, hollow);
  Postprocessed result(two, {.fill_holes = true, .filled = {2}}, [](double) {});
  CHECK(all_labels(result) == filled);
}

}  // namespace lucid::test
