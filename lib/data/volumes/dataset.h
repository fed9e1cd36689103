#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/volumes/shared_samples.h"
#include "data/volumes/value_rule.h"
#include "tensor/shape.h"

namespace lucid {

// Losses over classes take integers of the file as classes; floats are always values.
enum class TargetType { kIntegers, kFloats };

// Receives voxels of one channel; `place` says in messages where they come from.
using VoxelVisitor = std::function<void(const std::string& place, std::size_t channel,
                                        std::span<const float> voxels)>;

struct LabelCount {
  std::int64_t voxels = 0;
  std::string place;  // names one of them in messages
};
using LabelHistogram = std::map<std::int64_t, LabelCount>;

enum class SamplePart { kInputs, kTarget };

// A set of samples of equal shape with targets. Reading is thread-safe; a sample depends on its
// index alone.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual std::size_t size() const = 0;    // at least 1
  virtual Shape sample_shape() const = 0;  // (C, D, H, W)
  virtual Shape target_shape() const = 0;  // without N: scalar, (K), (D, H, W) or (C, D, H, W)
  virtual TargetType target_type() const = 0;
  virtual bool has_targets() const { return true; }  // if false, read_target() must not be called
  // Both are written in (C, D, H, W) order. Class indices up to 2^24 are exact as floats.
  virtual void read_sample(std::size_t index, std::span<float> sample) const = 0;
  virtual void read_target(std::size_t index, std::span<float> target) const = 0;
  // Reads sample and target as of an epoch: sets that draw random samples draw new ones in each.
  // Pass an empty `target` to skip it.
  virtual void read(std::int64_t epoch, std::size_t index, std::span<float> sample,
                    std::span<float> target) const;
  // Returns "train.h5: /labels, sample 17" for messages.
  virtual std::string target_place(std::size_t index) const = 0;
  // The same of its inputs.
  virtual std::string sample_place(std::size_t index) const { return target_place(index); }

  // Find the first value, as it is stored, that a rule refuses: of a sample as of an epoch, or of
  // any sample. They read the file again, and serve messages; sets that are not stored find
  // nothing.
  virtual std::optional<StoredValue> find_refused(SamplePart, std::int64_t /*epoch*/,
                                                  std::size_t /*index*/, const ValueRule&) const {
    return std::nullopt;
  }
  virtual std::optional<StoredValue> find_refused(SamplePart part, const ValueRule& rule) const;

  // Returns where the samples are stored; empty if they are not.
  virtual std::vector<SampleOrigin> origins() const { return {}; }

  // Visits every voxel of the set once.
  virtual void walk_samples(const VoxelVisitor& visit) const;
  // Visits the voxels whose targets, which must be voxels, are above 0 and not `ignored`.
  virtual void walk_foreground(std::optional<std::int64_t> ignored,
                               const VoxelVisitor& visit) const;
  // Returns how often each label occurs, if the set knows without reading every target.
  virtual std::optional<LabelHistogram> label_histogram() const { return std::nullopt; }
};

// Returns the values of one channel whose targets (C, voxels) have a channel that is above 0 and
// not `ignored`.
std::vector<float> foreground_of(std::span<const float> values, std::span<const float> targets,
                                 std::optional<std::int64_t> ignored);

// Returns whether targets have the size of the samples: (D, H, W) or (C, D, H, W).
inline bool has_voxel_targets(const Dataset& set) {
  const Shape sample = set.sample_shape(), target = set.target_shape();
  return target == sample.without_first() ||
         (target.rank() == 4 && target.without_first() == sample.without_first());
}

}  // namespace lucid
