#include "infer/tiled/slab_labels.h"

#include <algorithm>

namespace lucid {
namespace {

PostprocessOptions steps_for(const PostprocessRules& rules, const TiledVolume& volume) {
  std::optional<std::array<double, 3>> voxel_size;
  if (rules.needs_voxel_size())
    if (const auto geometry = output_geometry(volume)) voxel_size = geometry->voxel_size;
  return rules.for_voxels(voxel_size, volume.stacks->first().place());
}

}  // namespace

SlabLabels::SlabLabels(const TiledVolume& volume, std::size_t number, const SlabFiles& slabs)
    : volume_(volume),
      planes_(volume, number, slabs),
      stored_(plane_voxels() * volume.output.format().element_bytes()) {}

void SlabLabels::read(std::span<Label> plane) {
  planes_.read(0, next_++, stored_);
  load_labels(volume_.output.format(), stored_, plane);
}

PostprocessedSlabs::PostprocessedSlabs(const PostprocessRules& rules, const TiledVolume& volume,
                                       std::size_t number, const SlabFiles& slabs,
                                       SlabEvaluation* evaluation)
    : volume_(volume),
      evaluation_(evaluation),
      classes_(volume, number, slabs),
      labels_(classes_, steps_for(rules, volume), [](double) {}) {
  labels_.rewind();
  if (evaluation_ != nullptr) evaluation_->begin_labels(volume);
}

void PostprocessedSlabs::read(std::span<std::byte> out) {
  while (!out.empty()) {
    if (taken_ == group_.size()) read_group();
    const std::size_t count = std::min(out.size(), group_.size() - taken_);
    std::copy_n(group_.begin() + static_cast<std::ptrdiff_t>(taken_), count, out.begin());
    taken_ += count;
    out = out.subspan(count);
  }
}

// Targets are read with as many planes as a chunk of the output has.
void PostprocessedSlabs::read_group() {
  const std::int64_t count = std::min(volume_.output.chunk_planes(), labels_.extents()[0] - next_);
  const std::size_t plane = labels_.plane_voxels();
  std::vector<Label> labels(static_cast<std::size_t>(count) * plane);
  for (std::size_t at = 0; at < labels.size(); at += plane)
    labels_.read(std::span(labels).subspan(at, plane));
  if (evaluation_ != nullptr) evaluation_->add_labels(labels, next_);
  group_.resize(labels.size() * volume_.output.format().element_bytes());
  store_labels(volume_.output.format(), labels, group_);
  taken_ = 0;
  next_ += count;
}

void check_voxel_sizes(const PostprocessRules& rules, std::span<const TiledVolume> volumes) {
  for (const TiledVolume& volume : volumes) steps_for(rules, volume);
}

}  // namespace lucid
