#include "data/patch/voxel_index.h"

#include <algorithm>
#include <cassert>

#include "kernels/simd/finite.h"

namespace lucid {
namespace {

constexpr std::int64_t kEdge = 64;                // edge of a block
constexpr std::int64_t kIndexedVoxels = 1 << 22;  // read at a time

Triple block_counts(const PatchVolume& volume) {
  Triple counts = volume.extents();
  for (std::int64_t& count : counts) count = (count + kEdge - 1) / kEdge;
  return counts;
}

std::int64_t block_number(const PatchVolume& volume, const Triple& voxel) {
  const Triple counts = block_counts(volume);
  return (voxel[0] / kEdge * counts[1] + voxel[1] / kEdge) * counts[2] + voxel[2] / kEdge;
}

Box block_box(const PatchVolume& volume, std::int64_t number) {
  const Triple counts = block_counts(volume);
  const Box block{{number / (counts[1] * counts[2]) * kEdge, number / counts[2] % counts[1] * kEdge,
                   number % counts[2] * kEdge},
                  {kEdge, kEdge, kEdge}};
  return overlap(block, volume.region);
}

// The labels of a part of a volume, channel by channel, and where they are valid.
class Labels {
 public:
  Labels(const PatchVolume& volume, const Box& part, int threads) : part_(part) {
    const VolumeStacks& stacks = *volume.stacks;
    if (stacks.target && stacks.target->axes().find('d') != std::string::npos) {
      const Shape shape = stacks.target->target_shape();
      channels_ = shape.rank() == 4 ? shape[0] : 1;
      are_classes_ = has_classes(*stacks.target);
      values_.resize(static_cast<std::size_t>(channels_ * part.voxels()));
      volume.grid.read_target(*stacks.target, volume.sample, part, values_, threads);
    }
    if (!stacks.mask) return;
    valid_.resize(static_cast<std::size_t>(part.voxels()));
    volume.grid.read_target(*stacks.mask, volume.sample, part, valid_, threads);
    if (is_finite(valid_)) return;
    if (const auto found =
            stacks.mask->find_refused(volume.sample, volume.grid.stored_labels(part), {}, nullptr))
      fail(found->place,
           "expected " + ValueRule{}.expected() + " in a mask, found " + found->value);
  }

  std::int64_t channels() const { return channels_; }
  bool are_classes() const { return are_classes_; }
  bool is_masked() const { return !valid_.empty(); }
  bool is_valid(std::int64_t at) const {
    return valid_.empty() || valid_[static_cast<std::size_t>(at)] != 0;
  }
  float value(std::int64_t channel, std::int64_t at) const {
    return values_[static_cast<std::size_t>(channel * part_.voxels() + at)];
  }
  bool is(std::optional<std::int64_t> label, std::int64_t at) const {
    if (!is_valid(at) || !label) return is_valid(at);
    return are_classes_ ? label_of(value(0, at)) == *label : value(*label, at) != 0;
  }

  // Calls visit(index of the voxel in the part) for the voxels of a box in the part, in storage
  // order.
  template <class Visit>
  void walk(const Box& box, const Visit& visit) const {
    for (std::int64_t d = box.begin[0]; d < box.end(0); ++d)
      for (std::int64_t h = box.begin[1]; h < box.end(1); ++h) {
        const std::int64_t row =
            ((d - part_.begin[0]) * part_.size[1] + h - part_.begin[1]) * part_.size[2];
        for (std::int64_t w = box.begin[2]; w < box.end(2); ++w) visit(row + w - part_.begin[2]);
      }
  }

 private:
  Box part_;
  std::int64_t channels_ = 0;
  bool are_classes_ = false;
  std::vector<float> values_, valid_;
};

// Counts how often each label occurs in a box. Runs of a label are counted in a register, as adding
// to one address repeatedly takes longer.
class Counter {
 public:
  void add(std::int64_t label) {
    if (label != label_) finish_run();
    label_ = label;
    ++run_;
  }
  void put_into(std::int64_t block, std::map<std::int64_t, BlockCounts>& labels) {
    finish_run();
    for (const auto& [label, count] : counts_) labels[label].add(block, count);
  }

 private:
  void finish_run() {
    if (run_ > 0) counts_[label_] += run_;
    run_ = 0;
  }

  std::map<std::int64_t, std::int64_t> counts_;
  std::int64_t label_ = 0, run_ = 0;
};

void index_block(const Labels& labels, const Box& box, std::int64_t block, VoxelIndex& index) {
  Counter counter;
  std::int64_t valid = 0;
  labels.walk(box, [&](std::int64_t at) {
    if (!labels.is_valid(at)) return;
    ++valid;
    if (labels.are_classes()) return counter.add(label_of(labels.value(0, at)));
    for (std::int64_t channel = 0; channel < labels.channels(); ++channel)
      if (labels.value(channel, at) != 0) counter.add(channel);
  });
  counter.put_into(block, index.labels);
  if (labels.is_masked() && valid > 0) index.valid.add(block, valid);
}

}  // namespace

void BlockCounts::add(std::int64_t block, std::int64_t count) {
  blocks.push_back(block);
  ends.push_back(voxels() + count);
}

std::int64_t label_of(float value) {
  constexpr float kMost = 4611686018427387904.F;
  return static_cast<std::int64_t>(std::clamp(value, -kMost, kMost));
}

bool has_classes(const Stack& target) {
  return target.holds_integers() && target.target_shape().rank() == 3;
}

std::vector<double> stored_values(const VoxelIndex& index) {
  std::vector<double> numbers;
  const auto add = [&](std::int64_t label, const BlockCounts& counts) {
    numbers.push_back(static_cast<double>(label));
    numbers.push_back(static_cast<double>(counts.blocks.size()));
    numbers.insert(numbers.end(), counts.blocks.begin(), counts.blocks.end());
    numbers.insert(numbers.end(), counts.ends.begin(), counts.ends.end());
  };
  add(0, index.valid);
  for (const auto& [label, counts] : index.labels) add(label, counts);
  return numbers;
}

VoxelIndex voxel_index_of(std::span<const double> numbers) {
  VoxelIndex index;
  const auto take = [&](BlockCounts& counts) {
    const auto size = static_cast<std::size_t>(numbers[1]);
    const std::span<const double> blocks = numbers.subspan(2, size),
                                  ends = numbers.subspan(2 + size, size);
    counts.blocks.assign(blocks.begin(), blocks.end());
    counts.ends.assign(ends.begin(), ends.end());
    numbers = numbers.subspan(2 + 2 * size);
  };
  take(index.valid);
  while (!numbers.empty()) take(index.labels[static_cast<std::int64_t>(numbers[0])]);
  return index;
}

VoxelIndex index_voxels(const PatchVolume& volume, int threads) {
  VoxelIndex index;
  walk_boxes(volume.region, kEdge, kIndexedVoxels, [&](const Box& part) {
    const Labels labels(volume, part, threads);
    walk_boxes(part, kEdge, 0, [&](const Box& rows) {
      for (std::int64_t w = rows.begin[2], end; w < rows.end(2); w = end) {
        end = std::min((w / kEdge + 1) * kEdge, rows.end(2));
        const Box box{{rows.begin[0], rows.begin[1], w}, {rows.size[0], rows.size[1], end - w}};
        index_block(labels, box, block_number(volume, box.begin), index);
      }
    });
  });
  return index;
}

Triple find_voxel(const PatchVolume& volume, const BlockCounts& counts,
                  std::optional<std::int64_t> label, std::int64_t number) {
  const auto at =
      static_cast<std::size_t>(std::ranges::upper_bound(counts.ends, number) - counts.ends.begin());
  assert(at < counts.blocks.size());
  const Box box = block_box(volume, counts.blocks[at]);
  const Labels labels(volume, box, Stack::kThroughCache);
  std::int64_t left = number - (at == 0 ? 0 : counts.ends[at - 1]), found = -1;
  labels.walk(box, [&](std::int64_t voxel) {
    if (found < 0 && labels.is(label, voxel) && left-- == 0) found = voxel;
  });
  if (found < 0)
    throw Error(ExitCode::kData, volume.place() + ": its labels changed while they were used");
  return {box.begin[0] + found / (box.size[1] * box.size[2]),
          box.begin[1] + found / box.size[2] % box.size[1], box.begin[2] + found % box.size[2]};
}

}  // namespace lucid
