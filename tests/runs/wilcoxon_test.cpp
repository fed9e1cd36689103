#include "runs/wilcoxon.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/golden.h"

namespace lucid {

TEST_CASE("p-values of the signed-rank test are SciPy's, exact and by the normal approximation") {
  const Json tables = test::read_golden("wilcoxon.json");
  REQUIRE(tables.size() == 20);
  int exact = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    INFO("table " << i);
    const Wilcoxon test = wilcoxon(test::doubles(tables[i]["differences"]));
    CHECK(test.is_exact == tables[i]["exact"].get<bool>());
    REQUIRE(test.p);
    CHECK(std::abs(*test.p - tables[i]["p"].get<double>()) < 1e-9);
    exact += test.is_exact ? 1 : 0;
  }
  CHECK(exact == 11);
}

TEST_CASE("the signed-rank test of a few differences can be counted by hand") {
  // Sizes 1 to 3: of the 8 sign patterns one has positive ranks of sum 0, and one of sum 6.
  const Wilcoxon positive = wilcoxon(std::vector<double>{0.5, 2, 1});
  CHECK(positive.positive == 6);
  CHECK(*positive.p == 0.25);
  CHECK(*wilcoxon(std::vector<double>{-0.5, -2, -1}).p == 0.25);
  CHECK(*wilcoxon(std::vector<double>{1, 2, -3}).p == 1);
  CHECK(*wilcoxon(std::vector<double>{7}).p == 1);
}

TEST_CASE("differences of 0 are left out of the signed-rank test") {
  const Wilcoxon some = wilcoxon(std::vector<double>{0, 1, -2, 0});
  CHECK(some.count == 2);
  CHECK_FALSE(some.is_exact);
  CHECK(some.p);
  CHECK_FALSE(wilcoxon(std::vector<double>{0, 0}).p);
  CHECK_FALSE(wilcoxon({}).p);
}

TEST_CASE("the signed-rank test is exact for up to 50 differences of different sizes") {
  std::vector<double> differences;
  for (int i = 1; i <= 50; ++i) differences.push_back(i % 3 == 0 ? -i : i);
  CHECK(wilcoxon(differences).is_exact);
  differences.push_back(51);
  CHECK_FALSE(wilcoxon(differences).is_exact);
  CHECK_FALSE(wilcoxon(std::vector<double>{1, -1, 2}).is_exact);
}

}  // namespace lucid
