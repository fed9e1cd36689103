#pragma once

#include <functional>
#include <vector>

#include "base/unfinished_file.h"
#include "data/hdf5/write.h"
#include "formats/labels/label_volume.h"

namespace lucid {

// Returns the stored type if it is one of integers of at most 32 bits that holds labels up to
// `most`, else int32, which every program reads.
ElementType label_type(ElementType stored, Label most);

// Receives the share that is written, 0 to 1; may throw to cancel.
using WriteProgress = std::function<void(double share)>;

// Writes labels as NIfTI with the geometry of the volume they were made from, plane by plane.
void write_label_nifti(const OutputFile& output, LabelPlanes& labels, ElementType type,
                       const LabelVolume& from, const WriteProgress& progress);

// A dataset of labels in the place of another file's dataset, with its attributes; axes in the
// order n, c, d, h, w. Memory: a slab of chunks of at most some 100 MB.
class LabelDataset {
 public:
  // `source` is any volume of the dataset that is replaced.
  LabelDataset(hdf5::Writer& file, const LabelSource& source, ElementType type, int threads);

  // Writes one sample of it.
  void write(LabelPlanes& labels, std::int64_t sample, const WriteProgress& progress);

 private:
  hdf5::Writer& file_;
  std::string path_, axes_;
  ElementType type_;
  std::vector<std::int64_t> extents_, chunk_;
  int threads_;
};

}  // namespace lucid
