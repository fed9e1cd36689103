#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "labels/evaluation/measure_case.h"

namespace lucid {

// Means over cases. A value that is not defined counts in none; a mean over nothing is NaN.
struct Summary {
  std::map<Label, MeasureValues> classes;  // the mean of each class over the cases
  MeasureValues foreground;                // the mean of the classes' means but that of 0
  MeasureValues all;                       // with that of 0
};
Summary summary_of(const std::vector<CaseMeasures>& cases);

// The means over cases of instance_measures(), by name.
using NamedValues = std::vector<std::pair<std::string, double>>;
NamedValues instance_values(const InstanceMeasures& measures);
NamedValues mean_instance_values(const std::vector<CaseMeasures>& cases);

// Returns the text for people: a row for each case and class and for each mean.
std::string evaluation_table(const std::vector<CaseMeasures>& cases);
// Returns a row for each case and class; fields of values that are not defined are empty.
std::string evaluation_csv(const std::vector<CaseMeasures>& cases);
// Returns the measures of cases and their means by lucid's names, and what nnU-Net's summary.json
// has; null is not defined.
Json evaluation_json(const std::vector<CaseMeasures>& cases, const EvaluationOptions& options);
// Returns the cases of what the former made of classes. Throws Error(kData) naming the file.
std::vector<CaseMeasures> evaluated_cases(const Json& json, const std::string& file);

}  // namespace lucid
