#pragma once
// Private to this room.

#include <vector>

#include "infer/predict/predicted_labels.h"

namespace lucid {

// Postprocesses classes of samples that are in memory.
class SamplePostprocessing {
 public:
  // Throws Error(kUsage) if the rules need the size of voxels and a file does not say it.
  SamplePostprocessing(const PostprocessRules& rules, const Volumes& volumes,
                       const OutputFormat& format);

  // Replaces the classes of a sample, in the type in which they are written, and returns them.
  std::vector<Label> apply(std::size_t sample, std::span<std::byte> classes);
  const PostprocessCounts& counts() const { return counts_; }

 private:
  const OutputFormat& format_;
  Triple extents_;
  std::vector<PostprocessOptions> steps_;  // for each sample
  PostprocessCounts counts_;
};

}  // namespace lucid
