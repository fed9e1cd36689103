#pragma once

#include "data/hdf5/chunk_writer.h"
#include "data/synthetic/synthetic.h"

namespace lucid {

struct VolumeOptions {
  SyntheticOptions set;                    // of these size, classes, noise, seed
  double coverage = 0.05;                  // about the part of all voxels that has a class above 0
  ElementType type = ElementType::kUint8;  // or kUint16, kFloat32: 0 to 255, 65,535 or 1
  Triple chunk{64, 64, 64};
  int deflate = 4;  // 0: none
  int threads = 1;
};

// One volume of any size, written chunk by chunk: ellipsoids of up to a sixteenth of the shortest
// axis, at most 64 voxels wide, brighter with their class, on an uneven ground: `raw` (d, h, w) and
// `labels` (d, h, w) uint8. Throws Error(kUsage) where an option is out of range.
void make_volume(hdf5::Writer& file, const VolumeOptions& options, const Advance& advance);

}  // namespace lucid
