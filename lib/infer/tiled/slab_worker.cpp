#include "infer/tiled/slab_worker.h"

#include <algorithm>

#include "infer/predict/member_mean.h"

namespace lucid {

bool SlabWorker::compute(SlabNumber slab) {
  if (next_ != slab && !begin(slab)) return false;
  next_.reset();
  if (!walk_->predict(slab.depth)) return false;
  finish(slab);
  const std::size_t depths = volumes_[slab.volume].schedule.depths();
  if (slab.depth + 1 < depths) {
    next_ = SlabNumber{slab.volume, slab.depth + 1};
  } else if (context_.evaluation) {
    if (context_.evaluation->non_finite_target())
      context_.non_finite.add_target(slab.volume, *context_.evaluation->non_finite_target());
    context_.evaluation->end();
  }
  return true;
}

// Goes on from the sums that the slab before left, if they are there.
bool SlabWorker::begin(SlabNumber slab) {
  const TiledVolume& volume = volumes_[slab.volume];
  walk_ =
      std::make_unique<VolumeWalk>(context_, volume, slab.volume, normalization_of(slab.volume));
  if (context_.evaluation) context_.evaluation->begin(volume);
  if (slab.depth == 0) return true;
  const SlabNumber before{slab.volume, slab.depth - 1};
  if (const auto sums = partial_.files().sums(slab, sums_after(before))) {
    walk_->restore(slab.depth, *sums);
    return true;
  }
  const bool goes_on = walk_->catch_up(slab.depth);
  windows_again_ += walk_->windows_again();
  return goes_on;
}

const Normalization& SlabWorker::normalization_of(std::size_t number) {
  if (normalized_ == number) return normalization_;
  const TiledVolume& volume = volumes_[number];
  const NormalizeConfig& normalize = context_.predictor.config().normalize;
  normalization_ = normalize.rule
                       ? measured_normalization(*volume.stacks, volume.sample,
                                                volume.voxels->stored_region(), *normalize.rule)
                       : normalize.given;
  for (const std::string& about : normalization_.notes)
    warnings_.add("normalize",
                  volume.stacks->first().place() + ", " + about + "; other volumes may be alike");
  for (const std::string& line : warnings_.take()) note_("warning: " + line);
  normalized_ = number;
  return normalization_;
}

// Returns the number of sums that the slab after this one starts from.
std::size_t SlabWorker::sums_after(SlabNumber slab) const {
  const TiledVolume& volume = volumes_[slab.volume];
  return static_cast<std::size_t>(volume.schedule.left(slab.depth) *
                                  predicted_channels(context_.predictor) *
                                  volume.grid.axes[1].extent * volume.grid.axes[2].extent);
}

void SlabWorker::finish(SlabNumber slab) {
  const TiledVolume& volume = volumes_[slab.volume];
  const SlabSchedule& schedule = volume.schedule;
  std::optional<Checksum> file;
  if (schedule.begin(slab.depth) < schedule.end(slab.depth)) {
    SlabWriter writer = partial_.files().write(slab);
    if (volume.output_grid.is_as_seen())
      write_seen(volume, slab.depth, writer);
    else
      write_resampled(volume, slab.depth, writer);
    file = writer.finish();
  }
  SlabSums& sums = walk_->sums();
  const std::int64_t kept = schedule.kept(slab.depth + 1);
  sums.drop_before(kept);
  partial_.files().commit(slab, file, sums.planes(kept, kept + schedule.left(slab.depth)),
                          partial_.self().str());
}

void SlabWorker::write_seen(const TiledVolume& volume, std::size_t depth, SlabWriter& writer) {
  const std::int64_t begin = volume.schedule.begin(depth);
  const std::span<float> planes = walk_->sums().planes(begin, volume.schedule.end(depth));
  const Activation asked = volume.output.format().activation();
  const MemberMean mean = MemberMean::of_activation(context_.predictor, asked);
  const Shape shape = seen_planes(volume, volume.schedule.end(depth) - begin);
  if (context_.evaluation) context_.evaluation->add(planes, begin, begin, shape[0]);
  volume.output.write(mean.take(shape, planes), mean.rest(asked), writer);
}

// Returns the shape of `count` planes of a network's prediction, seen as a batch.
Shape SlabWorker::seen_planes(const TiledVolume& volume, std::int64_t count) const {
  return {count, context_.predictor.graph().output_shape()[0], volume.grid.axes[1].extent,
          volume.grid.axes[2].extent};
}

// A few planes at a time: their probabilities are interpolated, then the class is chosen.
void SlabWorker::write_resampled(const TiledVolume& volume, std::size_t depth, SlabWriter& writer) {
  const OutputGrid& grid = volume.output_grid;
  const Triple& extents = grid.extents();
  const Activation asked = volume.output.format().activation();
  const BeforeInterpolation before(context_.predictor, asked);
  const std::int64_t channels = context_.predictor.graph().output_shape()[0];
  std::vector<float> made;
  const std::int64_t end = volume.schedule.end(depth);
  for (std::int64_t at = volume.schedule.begin(depth); at < end; at += SlabOutput::kChunkPlanes) {
    const std::int64_t next = std::min(at + SlabOutput::kChunkPlanes, end),
                       first = grid.first_seen(at), last = std::max(first, grid.seen_end(next));
    made.resize(static_cast<std::size_t>((next - at) * channels * extents[1] * extents[2]));
    const std::span<const float> sums = walk_->sums().planes(first, last);
    if (context_.evaluation) context_.evaluation->add(sums, first, at, next - at);
    std::vector<float> seen(sums.begin(), sums.end());
    std::span<const float> values = seen;
    if (last > first) values = before.apply(seen_planes(volume, last - first), seen);
    grid.make(at, next, values, first, before.background(channels), made);
    volume.output.write(made, asked == Activation::kArgmax ? asked : Activation::kNone, writer);
  }
}

}  // namespace lucid
