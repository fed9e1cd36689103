#include "data/statistics/labels.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

[[noreturn]] void refuse(const std::string& place, float found, std::int64_t classes,
                         std::optional<std::int64_t> ignore_index) {
  std::string expected = "expected a class from 0 to " + std::to_string(classes - 1);
  if (ignore_index && (*ignore_index < 0 || *ignore_index >= classes))
    expected += " or " + std::to_string(*ignore_index) + " (ignore_index)";
  throw Error(ExitCode::kData, place + ": " + expected + ", found " + number_text(found));
}

std::vector<std::int64_t> count_known(const LabelHistogram& histogram, std::int64_t classes,
                                      std::optional<std::int64_t> ignore_index) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  for (const auto& [label, count] : histogram) {
    if (label == ignore_index) continue;
    if (label < 0 || label >= classes)
      refuse(count.place, static_cast<float>(label), classes, ignore_index);
    counts[static_cast<std::size_t>(label)] = count.voxels;
  }
  return counts;
}

}  // namespace

std::vector<std::int64_t> count_labels(const Dataset& dataset, std::int64_t classes,
                                       std::optional<std::int64_t> ignore_index) {
  if (const auto histogram = dataset.label_histogram())
    return count_known(*histogram, classes, ignore_index);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  std::vector<float> labels(dataset.target_shape().count());
  const auto limit = static_cast<float>(classes);
  for (std::size_t sample = 0; sample < dataset.size(); ++sample) {
    dataset.read_target(sample, labels);
    for (const float label : labels) {
      if (ignore_index && label == static_cast<float>(*ignore_index)) continue;
      if (!(label >= 0 && label < limit) || label != std::trunc(label))
        refuse(dataset.target_place(sample), label, classes, ignore_index);
      ++counts[static_cast<std::size_t>(label)];
    }
  }
  return counts;
}

}  // namespace lucid
