#include "labels/evaluation/summary.h"

#include "base/text.h"
#include "labels/evaluation/defined_mean.h"

namespace lucid {
namespace {

using Means = std::array<DefinedMean, kMeasures>;

void add_values(const MeasureValues& values, Means& means) {
  for (std::size_t i = 0; i < kMeasures; ++i) means[i].add(values[i]);
}

MeasureValues values_of(const Means& means) {
  MeasureValues values{};
  for (std::size_t i = 0; i < kMeasures; ++i) values[i] = means[i].value();
  return values;
}

}  // namespace

Summary summary_of(const std::vector<CaseMeasures>& cases) {
  std::map<Label, Means> classes;
  for (const CaseMeasures& each : cases)
    for (const ClassMeasures& found : each.classes) add_values(found.values, classes[found.label]);
  Summary summary{};
  Means foreground{}, all{};
  for (const auto& [label, means] : classes) {
    const MeasureValues values = summary.classes[label] = values_of(means);
    add_values(values, all);
    if (label != 0) add_values(values, foreground);
  }
  summary.foreground = values_of(foreground);
  summary.all = values_of(all);
  return summary;
}

NamedValues instance_values(const InstanceMeasures& measures) {
  NamedValues values{{"AdaptedRandError", measures.adapted_rand_error},
                     {"RandPrecision", measures.rand_precision},
                     {"RandRecall", measures.rand_recall},
                     {"VOISplit", measures.voi_split},
                     {"VOIMerge", measures.voi_merge},
                     {"AP", measures.mean_average_precision}};
  for (std::size_t i = 0; i < kIouThresholds; ++i)
    values.emplace_back("AP" + fixed_text(iou_threshold(i), 2).substr(2),
                        measures.average_precision[i]);
  values.emplace_back("n_pred", measures.predicted);
  values.emplace_back("n_ref", measures.in_truth);
  return values;
}

NamedValues mean_instance_values(const std::vector<CaseMeasures>& cases) {
  std::vector<DefinedMean> means;
  NamedValues values;
  for (const CaseMeasures& each : cases) {
    values = instance_values(*each.instances);
    means.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) means[i].add(values[i].second);
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i].second = means[i].value();
  return values;
}

}  // namespace lucid
