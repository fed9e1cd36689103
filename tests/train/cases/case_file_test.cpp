#include "train/cases/case_file.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "support/experiment.h"

namespace lucid::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

CaseMeasurements measured_of(std::vector<double> losses) {
  CaseMeasurements measured;
  measured.names = {"loss"};
  measured.values = std::move(losses);
  for (std::size_t i = 0; i < measured.values.size(); ++i) measured.cases.push_back(i);
  return measured;
}

// A list of so many cases.
struct Cases {
  explicit Cases(std::int64_t count) {
    write_set(dir / "a.h5", {.volume = {1, 1, 1, 1}, .count = count});
    const VolumesConfig config{{"a.h5"}, "volumes", "labels", ""};
    set = open_volumes(config, expand_files(config.files, dir.path()), 0);
    list.emplace(*set, nullptr);
  }
  TempDir dir;
  std::unique_ptr<Dataset> set;
  std::optional<CaseList> list;
};

std::vector<std::string> names_of(const Json& cases) {
  std::vector<std::string> names;
  for (const Json& each : cases) names.push_back(each["case"]);
  return names;
}

using Names = std::vector<std::string>;
using Rows = std::vector<std::size_t>;

}  // namespace

TEST_CASE("cases are ranked from the worst to the best, equal ones by their loss") {
  CHECK(ranked_rows(measured_of({1, 3, 2}), "loss", false) == Rows{1, 2, 0});
  CHECK(ranked_rows(measured_of({1, kNan, 2}), "loss", false) == Rows{2, 0});
  CaseMeasurements measured;
  measured.names = {"loss", "dice"};
  measured.values = {5, 0.5, 1, 0.25, 6, 0.5, kNan, 0.5, 1, kNan};
  measured.cases = {0, 1, 2, 3, 4};
  CHECK(ranked_rows(measured, "dice", true) == Rows{1, 2, 0, 3});
}

TEST_CASE("a small set is listed as a whole, a case without a value as null") {
  const Cases cases(3);
  CaseMeasurements measured = measured_of({1, kNan, 2});
  measured.classes = {{2, 1}, {0, 0}, {1, 1}};
  CaseFacts facts{4, 20, "loss", {{"worst", "a_2", "previews/best/worst.png"}}};
  const std::string text = cases_text(cases_json(measured, *cases.list, facts, Rows{2, 0}));
  CHECK(text == R"({"epoch": 4,
 "step": 20,
 "ranked_by": "loss",
 "count": 3,
 "cases": [
  {"case":"a_0","samples":1,"loss":1.0,"target":2,"prediction":1},
  {"case":"a_1","samples":1,"loss":null,"target":0,"prediction":0},
  {"case":"a_2","samples":1,"loss":2.0,"target":1,"prediction":1}],
 "pictures": [
  {"role":"worst","case":"a_2","file":"previews/best/worst.png"}]}
)");
  CHECK_NOTHROW(parse_json(text, "cases.json"));
}

TEST_CASE("of a large set each n-th case is listed, and the worst ones beside them") {
  const Cases cases(7);
  const CaseMeasurements measured = measured_of({1, 9, 2, 8, 3, 7, 4});
  const auto ranked = ranked_rows(measured, "loss", false);
  const Json json = cases_json(measured, *cases.list, {}, ranked, {.listed = 3, .worst = 2});
  CHECK(json["count"] == 7);
  CHECK(json["every"] == 3);
  CHECK(names_of(json["cases"]) == Names{"a_0", "a_3", "a_6"});
  CHECK(names_of(json["worst"]) == Names{"a_1", "a_3"});
  const Json whole = cases_json(measured, *cases.list, {}, ranked, {.listed = 7, .worst = 2});
  CHECK(whole["cases"].size() == 7);
  CHECK_FALSE(whole.contains("worst"));
  CHECK(cases_json(measured, *cases.list, {}, ranked, {.listed = 4, .worst = 9})["worst"].size() ==
        7);
}

TEST_CASE("cases.json of 100,000 cases is of some 200 kB") {
  const Cases cases(100000);
  CaseMeasurements measured = measured_of(std::vector<double>(100000, 0.123456789012345678));
  const auto ranked = ranked_rows(measured, "loss", false);
  const std::string text = cases_text(cases_json(measured, *cases.list, {}, ranked));
  CHECK(text.size() < 250000);
  CHECK(text.size() > 100000);
}

}  // namespace lucid::test
