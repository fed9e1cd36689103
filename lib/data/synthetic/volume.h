#pragma once

#include "data/chunks/writer.h"
#include "data/synthetic/synthetic.h"

namespace lucid {

struct VolumeOptions {
  SyntheticOptions set;                    // only size, classes, noise and seed are used
  double coverage = 0.05;                  // approximate fraction of voxels of classes above 0
  ElementType type = ElementType::kUint8;  // or kUint16, kFloat32: range 0 to 255, 65,535 or 1
  Triple chunk{64, 64, 64};
  int deflate = 4;  // 0: none
  int threads = 1;
};

// Writes one volume of any size, chunk by chunk: ellipsoids of up to a sixteenth of the shortest
// axis, at most 64 voxels wide, brighter with their class, on an uneven background. Datasets are
// `raw` (d, h, w) and `labels` (d, h, w), uint8. Throws Error(kUsage) if an option is out of range.
void make_volume(hdf5::Writer& file, const VolumeOptions& options, const Advance& advance);

}  // namespace lucid
