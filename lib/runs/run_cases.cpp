#include "runs/run_cases.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "train/report/run_folder.h"

namespace lucid {
namespace {

// Numbers of a case that are no measurements.
constexpr std::array<std::string_view, 3> kFacts{"samples", "target", "prediction"};

RunCases::Case case_of(const Json& json) {
  RunCases::Case read{json.at("case").get<std::string>(), {}};
  for (const auto& [key, value] : json.items())
    if ((value.is_number() || value.is_null()) && std::ranges::find(kFacts, key) == kFacts.end())
      read.values.emplace_back(
          key, value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN());
  return read;
}

RunCases cases_of(const Json& json) {
  RunCases read;
  read.epoch = json.at("epoch").get<std::int64_t>();
  read.ranked_by = json.at("ranked_by").get<std::string>();
  for (const Json& each : json.at("cases")) read.cases.push_back(case_of(each));
  std::ranges::sort(read.cases, {}, &RunCases::Case::name);
  read.count = json.value("count", std::ssize(read.cases));
  return read;
}

}  // namespace

const RunCases::Case* RunCases::find(const std::string& name) const {
  const auto at = std::ranges::lower_bound(cases, name, {}, &Case::name);
  return at != cases.end() && at->name == name ? &*at : nullptr;
}

std::string RunCases::extremes(bool higher_is_better) const {
  std::vector<std::pair<double, std::string>> ranked;  // the worst first
  for (const Case& each : cases)
    for (const auto& [name, value] : each.values)
      if (name == ranked_by && !std::isnan(value))
        ranked.emplace_back(higher_is_better ? value : -value, each.name);
  const std::string text = with_thousands(count) + " of epoch " + std::to_string(epoch);
  if (ranked.empty()) return text;
  const auto [worst, best] = std::ranges::minmax(ranked);
  const auto shown = [&](const auto& of) {
    return printable(of.second) + " " + fixed_text(higher_is_better ? of.first : -of.first, 4);
  };
  return text + "; worst by " + printable(ranked_by) + " " + shown(worst) + ", best " + shown(best);
}

std::optional<RunCases> read_run_cases(const std::filesystem::path& folder) {
  const std::filesystem::path file = RunFolder(folder).cases();
  const auto text = read_file_if_any(file, "the cases of a run", ExitCode::kData);
  if (!text) return std::nullopt;
  try {
    return cases_of(Json::parse(*text));
  } catch (const Json::exception&) {
    fail(file.string(),
         "expected the cases of a run, with 'epoch', 'ranked_by' and 'cases', "
         "found something else; it is damaged, or of another program");
  }
}

}  // namespace lucid
