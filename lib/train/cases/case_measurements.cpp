#include "train/cases/case_measurements.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace lucid {

std::vector<std::size_t> ranked_rows(const CaseMeasurements& measured, const std::string& name,
                                     bool higher_is_better) {
  const auto column =
      static_cast<std::size_t>(std::ranges::find(measured.names, name) - measured.names.begin());
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < measured.cases.size(); ++row)
    if (!std::isnan(measured.value(row, column))) rows.push_back(row);
  // A loss may be undefined where the value is not; NaN has no order.
  const auto key = [&](std::size_t row) {
    const double value = measured.value(row, column), loss = measured.value(row, 0);
    return std::tuple(higher_is_better ? value : -value, std::isnan(loss) ? 0 : -loss);
  };
  std::ranges::stable_sort(rows, {}, key);
  return rows;
}

CaseMeter::CaseMeter(const CaseList& list, CaseEvaluation evaluation)
    : list_(list), evaluation_(std::move(evaluation)) {
  measured_.names = evaluation_.names();
}

void CaseMeter::begin() {
  // What a stop left of a case is dropped.
  std::vector<double> dropped;
  evaluation_.end_case(dropped);
  measured_.cases.clear();
  measured_.values.clear();
  measured_.classes.clear();
}

void CaseMeter::measure(std::size_t sample, const Loss& loss, const OutputValues& output,
                        std::span<const float> target, std::vector<double>& numbers) const {
  const std::size_t index = list_.case_of(sample);
  const bool is_whole = list_.end(index) - list_.begin(index) == 1;
  const auto classes = is_whole ? classes_of(loss, output, target) : std::nullopt;
  numbers.push_back(classes ? 1 : 0);
  if (!classes) return;
  numbers.push_back(static_cast<double>(classes->target));
  numbers.push_back(static_cast<double>(classes->prediction));
}

void CaseMeter::take_class(std::size_t sample, std::span<const double>& numbers) {
  const std::size_t index = list_.case_of(sample);
  if (measured_.cases.empty() || measured_.cases.back() != index) {
    if (!measured_.cases.empty()) evaluation_.end_case(measured_.values);
    measured_.cases.push_back(index);
  }
  const bool has_classes = numbers[0] != 0;
  if (has_classes)
    measured_.classes.push_back(
        {static_cast<std::int64_t>(numbers[1]), static_cast<std::int64_t>(numbers[2])});
  numbers = numbers.subspan(has_classes ? 3 : 1);
}

void CaseMeter::end() {
  if (!measured_.cases.empty()) evaluation_.end_case(measured_.values);
  if (measured_.classes.size() < measured_.cases.size()) measured_.classes.clear();
}

}  // namespace lucid
