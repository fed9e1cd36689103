#pragma once

#include <optional>
#include <string>
#include <vector>

#include "labels/evaluation/class_measures.h"
#include "labels/label_planes.h"
#include "labels/measures/instances.h"
#include "labels/measures/surface_distances.h"

namespace lucid {

// What counts where a class is in one of the two volumes only, so that there are no distances.
enum class MissingDistance {
  kSkipped,  // nothing: it is in no mean
  kDiagonal  // the diagonal of the volume, the worst that can be
};

struct EvaluationOptions {
  double tolerance = 1;        // mm, of the surface Dice
  bool has_distances = true;   // false: overlaps and volumes only
  bool are_instances = false;  // labels are numbers of objects, not classes
  MissingDistance missing = MissingDistance::kSkipped;
  std::size_t memory_bytes = std::size_t{4} << 30;  // for the voxels of surfaces
};

struct CaseMeasures {
  std::string name, prediction, truth;  // the case and its files
  std::vector<ClassMeasures> classes;   // 0 first; none for instances
  std::optional<InstanceMeasures> instances;
};

// A case, its two volumes of equal extents, and the size of their voxels in mm.
struct CaseVolumes {
  std::string name, prediction_place, truth_place;
  LabelPlanes& prediction;
  LabelPlanes& truth;
  NearestVoxel::Spacing voxel_size;
};

// Reads both volumes once, plane by plane, and measures the classes that occur and 0. Memory grows
// with the voxels of surfaces alone, by about 32 bytes each. Throws Error(kFailed) if these exceed
// the limit, Error(kData) if there are too many classes.
CaseMeasures measure_case(const CaseVolumes& volumes, const EvaluationOptions& options,
                          const LabelProgress& progress);

// Gives cases the classes that occur in others, which are in neither of their volumes.
void complete_classes(std::vector<CaseMeasures>& cases);

}  // namespace lucid
