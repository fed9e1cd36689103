#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "labels/evaluation/summary.h"
#include "support/from_text.h"

namespace lucid::test {

TEST_CASE("what evaluate writes of cases is read back to the bit") {
  std::vector<CaseMeasures> cases(2);
  for (CaseMeasures& each : cases) {
    each.name = &each == cases.data() ? "a" : "b";
    each.prediction = each.name + ".h5";
    each.truth = "truth/" + each.name + ".h5";
    each.classes = {overlap_measures(0, {7, 2, 3, 11}, 0.3), overlap_measures(2, {0, 0, 5, 18}, 1)};
    each.classes[1][Measure::kHd95] = 1.0 / 3;
  }
  const Json json = evaluation_json(cases, {});
  const std::vector<CaseMeasures> read = evaluated_cases(json, "summary.json");
  REQUIRE(read.size() == 2);
  CHECK(read[1].name == "b");
  CHECK(read[1].truth == "truth/b.h5");
  CHECK(read[1].classes[1].label == 2);
  CHECK(read[1].classes[1].voxels.fn == 5);
  CHECK(read[1].classes[1][Measure::kHd95] == 1.0 / 3);
  CHECK(json_text(evaluation_json(read, {})) == json_text(json));
  CHECK(error_of([] {
          evaluated_cases(Json{{"mean", 1}}, "summary.json");
        }) == "3: summary.json: expected what lucid-data evaluate writes, found something else");
}

}  // namespace lucid::test
