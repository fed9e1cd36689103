#include "labels/measures/instances.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

namespace lucid {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

using Voxels = std::map<Label, std::int64_t>;

struct Sizes {
  Voxels prediction, truth;
  double all = 0;
};

// Counts the voxels of each label where the pair is wanted.
template <class Wanted>
Sizes sizes_of(std::span<const LabelPair> pairs, const Wanted& wanted) {
  Sizes sizes;
  for (const LabelPair& pair : pairs) {
    if (!wanted(pair)) continue;
    sizes.prediction[pair.prediction] += pair.voxels;
    sizes.truth[pair.truth] += pair.voxels;
    sizes.all += static_cast<double>(pair.voxels);
  }
  return sizes;
}

bool is_in_object(const LabelPair& pair) { return pair.truth != 0; }

// Sums of numbers of pairs, n (n - 1), which exceed 64 bits.
double pair_count(double voxels) { return voxels * (voxels - 1); }

double pair_count(const Voxels& sizes) {
  double sum = 0;
  for (const auto& [label, voxels] : sizes) sum += pair_count(static_cast<double>(voxels));
  return sum;
}

// Where the prediction is 0 inside of an object, these voxels count as one more segment.
void add_rand_error(std::span<const LabelPair> pairs, const Sizes& sizes,
                    InstanceMeasures& measures) {
  double together = 0;
  for (const LabelPair& pair : pairs)
    if (is_in_object(pair)) together += pair_count(static_cast<double>(pair.voxels));
  measures.rand_precision = together / pair_count(sizes.prediction);
  measures.rand_recall = together / pair_count(sizes.truth);
  measures.adapted_rand_error =
      1 - 2 * together / (pair_count(sizes.prediction) + pair_count(sizes.truth));
}

void add_information(std::span<const LabelPair> pairs, const Sizes& sizes,
                     InstanceMeasures& measures) {
  measures.voi_split = measures.voi_merge = sizes.all > 0 ? 0 : kNaN;
  for (const LabelPair& pair : pairs) {
    if (!is_in_object(pair)) continue;
    const auto both = static_cast<double>(pair.voxels);
    measures.voi_split -=
        both / sizes.all * std::log2(both / static_cast<double>(sizes.truth.at(pair.truth)));
    measures.voi_merge -=
        both / sizes.all *
        std::log2(both / static_cast<double>(sizes.prediction.at(pair.prediction)));
  }
}

// From an IoU of 0.5 on an object has one match, but at 0.5 itself, where an object may be halved
// into two: then the first half counts.
std::int64_t matches(std::span<const LabelPair> pairs, const Sizes& sizes, double threshold) {
  std::set<Label> predicted, in_truth;
  std::int64_t count = 0;
  for (const LabelPair& pair : pairs) {
    if (pair.prediction == 0 || pair.truth == 0) continue;
    const std::int64_t either =
        sizes.prediction.at(pair.prediction) + sizes.truth.at(pair.truth) - pair.voxels;
    if (static_cast<double>(pair.voxels) / static_cast<double>(either) < threshold) continue;
    if (predicted.contains(pair.prediction) || in_truth.contains(pair.truth)) continue;
    predicted.insert(pair.prediction);
    in_truth.insert(pair.truth);
    ++count;
  }
  return count;
}

std::int64_t objects(const Voxels& sizes) {
  return std::ssize(sizes) - (sizes.contains(0) ? 1 : 0);
}

}  // namespace

double iou_threshold(std::size_t index) { return (50 + 5 * static_cast<double>(index)) / 100; }

InstanceMeasures instance_measures(std::span<const LabelPair> pairs) {
  InstanceMeasures measures{};
  const Sizes in_objects = sizes_of(pairs, is_in_object);
  add_rand_error(pairs, in_objects, measures);
  add_information(pairs, in_objects, measures);
  const Sizes sizes = sizes_of(pairs, [](const LabelPair&) { return true; });
  measures.predicted = objects(sizes.prediction);
  measures.in_truth = objects(sizes.truth);
  for (std::size_t i = 0; i < kIouThresholds; ++i) {
    const std::int64_t found = matches(pairs, sizes, iou_threshold(i));
    measures.average_precision[i] =
        static_cast<double>(found) /
        static_cast<double>(measures.predicted + measures.in_truth - found);
  }
  measures.mean_average_precision =
      std::accumulate(measures.average_precision.begin(), measures.average_precision.end(), 0.0) /
      static_cast<double>(kIouThresholds);
  return measures;
}

}  // namespace lucid
