#include "data/statistics/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <set>

#include "base/machine/share_work.h"
#include "data/statistics/box_statistics.h"
#include "data/statistics/measured_boxes.h"
#include "data/statistics/order_keys.h"

namespace lucid {
namespace {

constexpr int kLevelBits = 16;

using Counts =
    std::vector<std::int64_t>;  // by the next kLevelBits of a key, or all bits of a shorter key

// Walks over elements, which have type T.
template <class T>
class Measurement {
 public:
  using Key = OrderKey<T>;
  using Bits = typename Key::Bits;
  static constexpr bool kIsShort = Key::kBits <= kLevelBits;
  static constexpr std::size_t kBins = std::size_t{1} << std::min(Key::kBits, kLevelBits);

  Measurement(MeasuredBoxes& boxes, int threads, const Advance& advance, int passes)
      : boxes_(boxes),
        threads_(threads),
        advance_(advance),
        total_(static_cast<std::size_t>(passes) * static_cast<std::size_t>(boxes_.elements()) *
               sizeof(T)) {
    if (boxes_.filled() > 0) std::memcpy(&fill_, boxes_.fill_element().data(), sizeof(T));
  }

  Statistics measure(std::span<const double> percentiles) {
    Statistics result = kIsShort ? from_counts() : from_boxes();
    if (result.count == 0) return result;
    std::set<std::int64_t> ranks;
    for (const double percent : percentiles) {
      const Quantile quantile = quantile_of(percent, result.count);
      ranks.insert({quantile.low, quantile.high});
    }
    const std::map<std::int64_t, double> values = values_of(ranks);
    for (const double percent : percentiles) {
      const Quantile quantile = quantile_of(percent, result.count);
      result.percentiles.push_back(
          quantile.between(values.at(quantile.low), values.at(quantile.high)));
    }
    return result;
  }

 private:
  // Calls use(index of the box, its values) from all threads.
  template <class Use>
  void walk(const Use& use) {
    boxes_.begin();
    share_work(boxes_.count(), threads_, [&](std::int64_t) {
      thread_local std::vector<std::byte> bytes;
      const std::int64_t box = boxes_.next(bytes);
      const std::span<const T> values(reinterpret_cast<const T*>(bytes.data()),
                                      bytes.size() / sizeof(T));
      use(box, values);
      const std::scoped_lock lock(mutex_);
      advance_(done_ += values.size() * sizeof(T), total_);
    });
  }

  // Adds the elements that were never written.
  void add_filled(Moments& all, Labels& labels) {
    if (boxes_.filled() == 0) return;
    Moments filled = moments_of(std::span<const T>(&fill_, 1));
    filled.count *= boxes_.filled();
    filled.not_finite *= boxes_.filled();
    all.add(filled);
    if constexpr (std::is_integral_v<T>)
      labels[static_cast<std::int64_t>(fill_)] += boxes_.filled();
  }

  Statistics from_counts();
  Statistics from_boxes();
  std::map<std::int64_t, double> values_of(const std::set<std::int64_t>& ranks);
  template <class Count>
  static void count_keys(std::span<const T> values, const std::vector<Bits>& sorted, int shift,
                         Count times, std::vector<Count>& counts);
  std::map<Bits, Counts> count_below(const std::set<Bits>& prefixes, int shift);

  MeasuredBoxes& boxes_;
  T fill_{};  // the value of elements in no box
  const int threads_;
  const Advance& advance_;
  std::mutex mutex_;  // guards what threads add to
  std::size_t done_ = 0, total_;
  Counts first_;  // by the first bits of all keys
};

// Counts of each value say everything about elements of one or two bytes.
template <class T>
Statistics Measurement<T>::from_counts() {
  first_ = std::move(count_below({0}, 0).at(0));
  Moments all;
  Labels labels;
  for (std::size_t key = 0; key < first_.size(); ++key) {
    if (first_[key] == 0) continue;
    const T value = Key::value(static_cast<Bits>(key));
    const auto number = static_cast<double>(value);
    all.add({.count = first_[key], .mean = number, .min = number, .max = number});
    if (labels.size() <= kMostLabels) labels[static_cast<std::int64_t>(value)] = first_[key];
  }
  Statistics result{all.count, 0,        all.min,
                    all.max,   all.mean, std::sqrt(all.squares / static_cast<double>(all.count))};
  if (labels.size() <= kMostLabels) result.labels = std::move(labels);
  return result;
}

template <class T>
Statistics Measurement<T>::from_boxes() {
  std::vector<Moments> boxes(static_cast<std::size_t>(boxes_.count()));
  Labels labels;
  bool are_labels = std::is_integral_v<T>;
  ExactRange<T> range;
  walk([&](std::int64_t box, std::span<const T> values) {
    boxes[static_cast<std::size_t>(box)] = moments_of(values);
    if constexpr (std::is_integral_v<T>) {
      Labels own;
      ExactRange<T> own_range;
      own_range.add(values);
      const bool fit = count_labels(values, own);
      const std::scoped_lock lock(mutex_);
      are_labels &= fit;
      range.add(own_range);
      for (const auto& [label, count] : own) labels[label] += count;
    }
  });
  Moments all;
  for (const Moments& box : boxes) all.add(box);
  add_filled(all, labels);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  Statistics result{all.count, all.not_finite, kNone, kNone, kNone, kNone};
  if (all.count > 0)
    result = {all.count, all.not_finite, all.min,
              all.max,   all.mean,       std::sqrt(all.squares / static_cast<double>(all.count))};
  if constexpr (std::is_integral_v<T>) {
    if (boxes_.filled() > 0) range.add(std::span<const T>(&fill_, 1));
    result.exact_min = std::to_string(range.low);
    result.exact_max = std::to_string(range.high);
  }
  if (are_labels && labels.size() <= kMostLabels) result.labels = std::move(labels);
  return result;
}

// Finds the values of these ranks; every walk determines kLevelBits more of their keys.
template <class T>
std::map<std::int64_t, double> Measurement<T>::values_of(const std::set<std::int64_t>& ranks) {
  struct Search {
    Bits prefix = 0;
    std::int64_t below = 0;  // rank among the keys of the prefix
  };
  std::map<std::int64_t, Search> searches;
  for (const std::int64_t rank : ranks) searches[rank] = {0, rank};
  constexpr int kLevels = (Key::kBits + kLevelBits - 1) / kLevelBits;
  for (int level = 0; level < kLevels && !ranks.empty(); ++level) {
    const int shift = kIsShort ? 0 : Key::kBits - kLevelBits * (level + 1);
    std::set<Bits> prefixes;
    for (const auto& [rank, search] : searches) prefixes.insert(search.prefix);
    const std::map<Bits, Counts> counts =
        kIsShort ? std::map<Bits, Counts>{{Bits{0}, first_}} : count_below(prefixes, shift);
    for (auto& [rank, search] : searches) {
      const Counts& of = counts.at(search.prefix);
      std::size_t bin = 0;
      for (; search.below >= of[bin]; ++bin) search.below -= of[bin];
      search.prefix = static_cast<Bits>((std::uint64_t{search.prefix} << kLevelBits) | bin);
    }
  }
  std::map<std::int64_t, double> values;
  for (const auto& [rank, search] : searches)
    values[rank] = static_cast<double>(Key::value(search.prefix));
  return values;
}

// Counts the next bits of the values' keys that begin with one of the sorted prefixes.
template <class T>
template <class Count>
void Measurement<T>::count_keys(std::span<const T> values, const std::vector<Bits>& sorted,
                                int shift, Count times, std::vector<Count>& counts) {
  const bool has_prefix = shift + kLevelBits < Key::kBits;
  for (const T value : values) {
    if (!is_countable(value)) continue;
    const std::uint64_t key = Key::of(value);
    std::size_t at = 0;
    if (has_prefix) {
      const auto prefix = static_cast<Bits>(key >> (shift + kLevelBits));
      at = static_cast<std::size_t>(std::ranges::lower_bound(sorted, prefix) - sorted.begin());
      if (at == sorted.size() || sorted[at] != prefix) continue;
    }
    counts[at * kBins + ((key >> shift) & (kBins - 1))] += times;
  }
}

template <class T>
std::map<typename OrderKey<T>::Bits, Counts> Measurement<T>::count_below(
    const std::set<Bits>& prefixes, int shift) {
  const std::vector<Bits> sorted(prefixes.begin(), prefixes.end());
  std::map<Bits, Counts> counts;
  for (const Bits prefix : sorted) counts[prefix].assign(kBins, 0);
  const auto add = [&](const auto& own) {
    for (std::size_t i = 0; i < sorted.size(); ++i)
      for (std::size_t bin = 0; bin < kBins; ++bin) counts[sorted[i]][bin] += own[i * kBins + bin];
  };
  walk([&](std::int64_t, std::span<const T> values) {
    std::vector<std::uint32_t> own(sorted.size() * kBins, 0);  // a box has fewer than 2^32 elements
    count_keys(values, sorted, shift, std::uint32_t{1}, own);
    const std::scoped_lock lock(mutex_);
    add(own);
  });
  Counts filled(sorted.size() * kBins, 0);
  count_keys(std::span<const T>(&fill_, 1), sorted, shift, boxes_.filled(), filled);
  add(filled);
  return counts;
}

}  // namespace

Statistics measure_boxes(MeasuredBoxes& boxes, std::span<const double> percentiles, int threads,
                         const Advance& advance) {
  return with_element(boxes.element(), [&](auto element) {
    using T = decltype(element);
    const int again = sizeof(T) <= 2 || percentiles.empty() ? 0 : static_cast<int>(sizeof(T) / 2);
    return Measurement<T>(boxes, threads, advance, 1 + again).measure(percentiles);
  });
}

}  // namespace lucid
