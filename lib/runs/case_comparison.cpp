#include "runs/case_comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/table.h"
#include "base/text.h"

namespace lucid {
namespace {

std::string number_of(std::size_t run) { return "#" + std::to_string(run + 1); }

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<std::string> missing(const RunCases& from, const RunCases& in) {
  std::vector<std::string> names;
  for (const RunCases::Case& each : from.cases)
    if (in.find(each.name) == nullptr) names.push_back(each.name);
  return names;
}

// The values that both runs have, in the order of the first.
std::vector<std::string> shared_values(const RunCases& first, const RunCases& run) {
  std::vector<std::string> names;
  if (first.cases.empty() || run.cases.empty()) return names;
  for (const auto& [name, value] : first.cases.front().values)
    if (std::ranges::find(run.cases.front().values, name, &NamedValues::value_type::first) !=
        run.cases.front().values.end())
      names.push_back(name);
  return names;
}

std::optional<double> value_of(const RunCases::Case& of, const std::string& name) {
  const auto at = std::ranges::find(of.values, name, &NamedValues::value_type::first);
  if (at == of.values.end() || std::isnan(at->second)) return std::nullopt;
  return at->second;
}

std::vector<double> differences_of(const RunCases& first, const RunCases& run,
                                   const std::string& name) {
  std::vector<double> differences;
  for (const RunCases::Case& each : first.cases) {
    const RunCases::Case* other = run.find(each.name);
    const auto before = value_of(each, name);
    const auto now = other == nullptr ? std::nullopt : value_of(*other, name);
    if (before && now) differences.push_back(*now - *before);
  }
  return differences;
}

std::string p_text(const Wilcoxon& test) {
  if (!test.p) return "undefined";
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", *test.p);
  return text;
}

std::string method_of(const Wilcoxon& test) {
  return !test.p ? "" : test.is_exact ? "exact" : "normal";
}

std::string missing_text(const std::vector<std::string>& names, std::size_t run,
                         std::size_t other) {
  if (names.empty()) return "";
  return with_thousands(std::ssize(names)) + (names.size() == 1 ? " case of " : " cases of ") +
         number_of(run) + (names.size() == 1 ? " is" : " are") + " missing in " + number_of(other) +
         ": " + in_quotes(names.front()) + (names.size() > 1 ? ", ...\n" : "\n");
}

Json value_json(const PairedValue& value) {
  return {{"n", value.count()},
          {"mean", value.mean},
          {"median", value.median},
          {"wins", value.wins},
          {"ties", value.ties},
          {"losses", value.losses},
          {"p", value.test.p ? Json(*value.test.p) : Json()},
          {"method", value.test.p ? Json(method_of(value.test)) : Json()}};
}

}  // namespace

PairedValue paired(const std::string& name, std::vector<double> differences,
                   bool higher_is_better) {
  PairedValue value{.name = name};
  if (differences.empty()) return value;
  for (const double difference : differences) {
    const bool is_better = higher_is_better ? difference > 0 : difference < 0;
    ++(difference == 0 ? value.ties : is_better ? value.wins : value.losses);
  }
  value.mean = std::accumulate(differences.begin(), differences.end(), 0.0) /
               static_cast<double>(differences.size());
  value.test = wilcoxon(differences);
  value.median = median_of(std::move(differences));
  return value;
}

CaseComparison::CaseComparison(const std::vector<Run>& runs) {
  read(runs);
  for (std::size_t run = 1; run < runs.size(); ++run)
    if (cases_[0] && cases_[run]) pairs_.push_back(compare(runs[0], run));
}

// A run without cases is worth a line only beside one that has them.
void CaseComparison::read(const std::vector<Run>& runs) {
  std::vector<std::string> without;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    folders_.push_back(runs[run].folder.string());
    cases_.emplace_back();
    try {
      cases_.back() = read_run_cases(runs[run].folder);
      if (!cases_.back()) without.push_back(number_of(run) + " has no cases.json");
    } catch (const Error& error) {
      notes_.emplace_back(error.what());
    }
  }
  const bool has_cases = std::ranges::any_of(cases_, [](const auto& of) { return of.has_value(); });
  if (has_cases) notes_.insert(notes_.end(), without.begin(), without.end());
}

CaseComparison::Pair CaseComparison::compare(const Run& first, std::size_t run) const {
  Pair pair{.run = run,
            .only_first = missing(cases(0), cases(run)),
            .only_run = missing(cases(run), cases(0))};
  pair.shared = std::ssize(cases(0).cases) - std::ssize(pair.only_first);
  for (const std::string& name : shared_values(cases(0), cases(run)))
    pair.values.push_back(
        paired(name, differences_of(cases(0), cases(run), name), first.is_higher_better(name)));
  std::erase_if(pair.values, [](const PairedValue& value) { return value.count() == 0; });
  return pair;
}

std::string CaseComparison::pair_text(const Pair& pair) const {
  const std::int64_t all = std::max(cases(0).count, cases(pair.run).count);
  std::string text =
      "validation cases, " + number_of(pair.run) + " (epoch " +
      std::to_string(cases(pair.run).epoch) + ") minus #1 (epoch " +
      std::to_string(cases(0).epoch) + "): " + with_thousands(pair.shared) + " shared" +
      (all > pair.shared ? " of " + with_thousands(all) : std::string()) + "\n" +
      missing_text(pair.only_first, 0, pair.run) + missing_text(pair.only_run, pair.run, 0);
  if (pair.values.empty()) return text;
  Table table({"value", "n", "mean", "median", "better", "equal", "worse", "p", "Wilcoxon"});
  for (const PairedValue& value : pair.values)
    table.add({value.name, std::to_string(value.count()), fixed_text(value.mean, Run::kDigits),
               fixed_text(value.median, Run::kDigits), std::to_string(value.wins),
               std::to_string(value.ties), std::to_string(value.losses), p_text(value.test),
               method_of(value.test)});
  return text + table.text();
}

std::string CaseComparison::text() const {
  std::string text;
  for (const Pair& pair : pairs_) text += "\n" + pair_text(pair);
  if (!notes_.empty()) text += "\n";
  for (const std::string& note : notes_) text += note + "\n";
  return text;
}

Json CaseComparison::json() const {
  Json pairs = Json::array();
  for (const Pair& pair : pairs_) {
    Json values = Json::object();
    for (const PairedValue& value : pair.values) values[value.name] = value_json(value);
    pairs.push_back({{"first", folders_.front()},
                     {"run", folders_[pair.run]},
                     {"epochs", {cases(0).epoch, cases(pair.run).epoch}},
                     {"shared", pair.shared},
                     {"only_first", pair.only_first},
                     {"only_run", pair.only_run},
                     {"values", values}});
  }
  return {{"pairs", pairs}, {"notes", notes_}};
}

}  // namespace lucid
