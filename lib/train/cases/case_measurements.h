#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "objective/case_evaluation.h"
#include "train/cases/case_list.h"

namespace lucid {

// What validation measured of each case: 8 bytes a value, whatever the size of the set.
struct CaseMeasurements {
  std::vector<std::string> names;  // of the values, "loss" first
  std::vector<std::size_t> cases;  // those that have samples, ascending
  std::vector<double> values;      // a row a case
  std::vector<ClassPair> classes;  // one a case, or none at all

  double value(std::size_t row, std::size_t name) const {
    return values[row * names.size() + name];
  }
};

// Returns rows from the worst case to the best by a value, those equal in it by their loss, and
// leaves out cases in which it is undefined.
std::vector<std::size_t> ranked_rows(const CaseMeasurements& measured, const std::string& name,
                                     bool higher_is_better);

// Collects what is measured of the cases of a set beside the whole, sample by sample in their
// order.
class CaseMeter {
 public:
  // The list must outlive the meter.
  CaseMeter(const CaseList& list, CaseEvaluation evaluation);

  void begin();
  // Appends the class of a sample, if it has one, and its prediction, as numbers.
  void measure(std::size_t sample, const Loss& loss, const OutputValues& output,
               std::span<const float> target, std::vector<double>& numbers) const;
  // Begins a sample with what measure() appended, from the front of `numbers`, which it shortens.
  void take_class(std::size_t sample, std::span<const double>& numbers);
  // Adds to it what Evaluation::measure() appended, in the same way.
  void take(std::span<const double>& numbers) { evaluation_.take(numbers); }
  void end();  // behind the last sample
  const CaseMeasurements& measured() const { return measured_; }

 private:
  const CaseList& list_;
  CaseEvaluation evaluation_;
  CaseMeasurements measured_;
};

}  // namespace lucid
