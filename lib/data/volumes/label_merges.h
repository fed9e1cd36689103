#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json.h"

namespace lucid {

struct LabelRange {
  std::int64_t first, last;
};

// Parses "7"; nothing if it is no integer of at least 0.
std::optional<std::int64_t> parse_label(std::string_view word);
// Parses "7" or "2-54"; nothing if it is neither.
std::optional<LabelRange> parse_labels(std::string_view word);

// Labels that count as others where targets are read: those of single objects as one class.
class LabelMerges {
 public:
  // Adds "7", "2-54" or a list of these, "1,5-9". Throws Error(kUsage) "expected ..., found ...",
  // also for a label that is given twice.
  void add(const std::string& labels, std::int64_t merged);

  bool empty() const { return merges_.empty(); }
  // Returns what a stored value counts as, if it is another label.
  template <class T>
  std::optional<std::int64_t> find(T value) const;
  void merge(std::span<float> labels) const;
  // Returns {"2-54": 1}.
  Json json() const;

 private:
  struct Merge {
    LabelRange labels;
    std::int64_t merged;
  };

  std::vector<Merge> merges_;  // ascending
};

// Reads "merge_labels", an object such as {"2-54": 1}.
LabelMerges read_label_merges(JsonObject& data);
// Parses "2-54:1", the value of `option`. Throws Error(kUsage).
void add_label_merge(const std::string& option, const std::string& text, LabelMerges& merges);

template <class T>
std::optional<std::int64_t> LabelMerges::find(T value) const {
  for (const auto& [labels, merged] : merges_) {
    const auto& [first, last] = labels;
    if constexpr (std::is_integral_v<T>) {
      if (std::cmp_less(value, first)) break;
      if (std::cmp_less_equal(value, last)) return merged;
    } else {
      const auto number = static_cast<double>(value);
      if (!(number >= static_cast<double>(first))) break;
      if (number <= static_cast<double>(last)) return merged;
    }
  }
  return std::nullopt;
}

}  // namespace lucid
