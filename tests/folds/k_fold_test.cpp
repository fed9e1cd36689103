#include "folds/k_fold.h"

#include <doctest/doctest.h>
#include <libdeflate.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/golden.h"

namespace lucid::test {
namespace {

using Lists = std::vector<std::vector<std::size_t>>;

// The checksum that make_folds.py has of the lists.
std::uint32_t checksum(const Lists& lists) {
  std::string text;
  for (const auto& list : lists) {
    if (!text.empty()) text += ";";
    for (std::size_t i = 0; i < list.size(); ++i)
      text += (i == 0 ? "" : " ") + std::to_string(list[i]);
  }
  text += "\n";
  return libdeflate_crc32(0, text.data(), text.size());
}

}  // namespace

TEST_CASE("folds hold out the cases that scikit-learn's KFold does") {
  const Json golden = read_golden("folds.json");
  for (const Json& row : golden["lists"]) {
    CAPTURE(json_text(row));
    CHECK(held_out_cases(row["cases"].get<std::size_t>(), row["folds"].get<std::size_t>(),
                         row["seed"].get<std::uint32_t>()) == row["held_out"].get<Lists>());
  }
  std::size_t compared = 0;
  for (const auto& row : golden["sums"].items()) {
    const std::string folds = row.key();
    const Json& sums = row.value();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      if (sums[i].is_null()) continue;  // fewer cases than folds
      CAPTURE(folds);
      CAPTURE(i);
      const Lists found = held_out_cases(7 + i, std::stoul(folds), 12345);
      CHECK(checksum(found) == sums[i].get<std::uint32_t>());
      ++compared;
    }
  }
  CHECK(compared == 9 * 294 - 1 - 2 - 3);
  for (const auto& row : golden["seeds"].items()) {
    const std::string seed = row.key();
    CAPTURE(seed);
    const Lists found = held_out_cases(100, 5, static_cast<std::uint32_t>(std::stoul(seed)));
    CHECK(checksum(found) == row.value().get<std::uint32_t>());
  }
}

}  // namespace lucid::test
