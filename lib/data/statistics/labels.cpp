#include "data/statistics/labels.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

// Integers up to this are exact as floats.
constexpr std::int64_t kExact = 1 << 24;

[[noreturn]] void refuse_stored(const Dataset& dataset, const StoredValue& otherwise,
                                const ValueRule& rule) {
  refuse(dataset.find_refused(SamplePart::kTarget, rule).value_or(otherwise), rule);
}

std::vector<std::int64_t> count_known(const Dataset& dataset, const LabelHistogram& histogram,
                                      const ValueRule& rule) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(rule.classes));
  for (const auto& [label, count] : histogram) {
    // A histogram is of floats.
    if (rule.ignored && static_cast<float>(label) == static_cast<float>(*rule.ignored)) continue;
    if (rule.refuses(label)) refuse_stored(dataset, {count.place, std::to_string(label)}, rule);
    counts[static_cast<std::size_t>(label)] = count.voxels;
  }
  return counts;
}

}  // namespace

std::vector<std::int64_t> count_labels(const Dataset& dataset, std::int64_t classes,
                                       std::optional<std::int64_t> ignore_index) {
  const ValueRule rule{ValueRule::Kind::kClass, classes, ignore_index};
  // As a float, a large ignore_index would stand for its neighbours, too.
  if (ignore_index && (*ignore_index > kExact || *ignore_index < -kExact))
    if (const auto found = dataset.find_refused(SamplePart::kTarget, rule)) refuse(*found, rule);
  if (const auto histogram = dataset.label_histogram())
    return count_known(dataset, *histogram, rule);
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  std::vector<float> labels(dataset.target_shape().count());
  for (std::size_t sample = 0; sample < dataset.size(); ++sample) {
    dataset.read_target(sample, labels);
    if (const std::size_t at = find_refused(labels, rule); at < labels.size()) {
      const auto found = dataset.find_refused(SamplePart::kTarget, 0, sample, rule);
      const StoredValue as_read{dataset.target_place(sample), number_text(labels[at])};
      refuse(found.value_or(as_read), rule);
    }
    for (const float label : labels)
      if (!ignore_index || label != static_cast<float>(*ignore_index))
        ++counts[static_cast<std::size_t>(label)];
  }
  return counts;
}

}  // namespace lucid
