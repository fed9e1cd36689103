#include "labels/evaluation/measure_case.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

// More labels than this are numbers of objects rather than classes.
constexpr std::size_t kMostClasses = 1000;

double voxel_mm3(const CaseVolumes& volumes) {
  return volumes.voxel_size[0] * volumes.voxel_size[1] * volumes.voxel_size[2];
}

double diagonal(const CaseVolumes& volumes) {
  double squares = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double side =
        volumes.voxel_size[axis] * static_cast<double>(volumes.truth.extents()[axis]);
    squares += side * side;
  }
  return std::sqrt(squares);
}

// What one pass over both volumes finds.
class Pass {
 public:
  Pass(const CaseVolumes& volumes, const EvaluationOptions& options)
      : volumes_(volumes),
        options_(options),
        has_surfaces_(options.has_distances && !options.are_instances),
        prediction_surface_(volumes.truth.extents()),
        truth_surface_(volumes.truth.extents()) {}

  void run(const LabelProgress& progress) {
    const std::int64_t planes = volumes_.truth.extents()[0];
    std::vector<Label> prediction(volumes_.truth.plane_voxels()), truth(prediction.size());
    volumes_.prediction.rewind();
    volumes_.truth.rewind();
    for (std::int64_t d = 0; d < planes; ++d) {
      volumes_.prediction.read(prediction);
      volumes_.truth.read(truth);
      contingency_.add(prediction, truth);
      if (has_surfaces_) {
        prediction_surface_.add(prediction);
        truth_surface_.add(truth);
        check_memory();
      }
      progress(static_cast<double>(d + 1) / static_cast<double>(planes));
    }
  }

  std::vector<LabelPair> pairs() const { return contingency_.pairs(); }

  void add_distances(ClassMeasures& measures) {
    const VoxelIndices prediction = taken(prediction_surface_, measures.label);
    const VoxelIndices truth = taken(truth_surface_, measures.label);
    SurfaceDistances found = surface_distances(prediction, truth, volumes_.truth.extents(),
                                               volumes_.voxel_size, options_.tolerance);
    if (prediction.empty() != truth.empty() && options_.missing == MissingDistance::kDiagonal)
      found.hd95 = found.mean = diagonal(volumes_);
    measures[Measure::kHd95] = found.hd95;
    measures[Measure::kMeanSurfaceDistance] = found.mean;
    measures[Measure::kSurfaceDice] = found.dice;
  }

 private:
  // A class is measured once, and needs its voxels no longer than that.
  static VoxelIndices taken(SurfaceVoxels& surface, Label label) {
    const auto found = surface.by_label().find(label);
    return found == surface.by_label().end() ? VoxelIndices{}
                                             : std::exchange(found->second, VoxelIndices{});
  }

  void check_memory() const {
    const std::int64_t voxels = prediction_surface_.count() + truth_surface_.count();
    // 8, of which a vector holds up to twice as many, and tree and distances of those of a class.
    constexpr std::size_t kBytesAVoxel = 32;
    if (static_cast<std::size_t>(voxels) <= options_.memory_bytes / kBytesAVoxel) return;
    throw Error(ExitCode::kFailed,
                volumes_.prediction_place + ": the surfaces of its classes and of " +
                    volumes_.truth_place + " have more than " + with_thousands(voxels) +
                    " voxels, which take " + bytes_text(kBytesAVoxel * std::size_t(voxels)) +
                    "; raise --memory, or leave distances out with --no-distances");
  }

  const CaseVolumes& volumes_;
  const EvaluationOptions& options_;
  const bool has_surfaces_;
  Contingency contingency_;
  SurfaceVoxels prediction_surface_, truth_surface_;
};

std::set<Label> labels_of(std::span<const LabelPair> pairs, const CaseVolumes& volumes) {
  std::set<Label> labels{0};
  for (const LabelPair& pair : pairs) {
    labels.insert(pair.prediction);
    labels.insert(pair.truth);
  }
  if (labels.size() <= kMostClasses) return labels;
  fail(volumes.prediction_place, "expected at most " + std::to_string(kMostClasses) +
                                     " classes in it and in " + volumes.truth_place + ", found " +
                                     std::to_string(labels.size()) +
                                     "; --instances compares numbered objects");
}

}  // namespace

CaseMeasures measure_case(const CaseVolumes& volumes, const EvaluationOptions& options,
                          const LabelProgress& progress) {
  CaseMeasures measures{volumes.name, volumes.prediction_place, volumes.truth_place, {}, {}};
  Pass pass(volumes, options);
  pass.run(progress);
  const std::vector<LabelPair> pairs = pass.pairs();
  if (options.are_instances) {
    measures.instances = instance_measures(pairs);
    return measures;
  }
  for (const Label label : labels_of(pairs, volumes)) {
    measures.classes.push_back(
        overlap_measures(label, class_voxels(pairs, label), voxel_mm3(volumes)));
    if (label != 0 && options.has_distances) pass.add_distances(measures.classes.back());
  }
  return measures;
}

void complete_classes(std::vector<CaseMeasures>& cases) {
  std::set<Label> labels;
  for (const CaseMeasures& each : cases)
    for (const ClassMeasures& found : each.classes) labels.insert(found.label);
  for (CaseMeasures& each : cases) {
    if (each.classes.empty()) continue;
    const ClassVoxels& first = each.classes.front().voxels;
    const std::int64_t all = first.tp + first.fp + first.fn + first.tn;
    for (const Label label : labels)
      if (std::ranges::find(each.classes, label, &ClassMeasures::label) == each.classes.end())
        each.classes.push_back(overlap_measures(label, {.tn = all}, 0));
    std::ranges::sort(each.classes, {}, &ClassMeasures::label);
  }
}

}  // namespace lucid
