#include "infer/tiled/slab_worker.h"

#include <algorithm>

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
  if (context_.evaluation)
    context_.evaluation->begin(*volume.stacks, volume.sample, volume.grid,
                               volume.schedule.most_planes());
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
                       ? measured_normalization(*volume.stacks, volume.sample, *normalize.rule)
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
  const SlabSchedule& schedule = volumes_[slab.volume].schedule;
  const std::int64_t end = schedule.end(slab.depth);
  const std::int64_t channels = context_.predictor.graph().output_shape()[0];
  const Triple extents = extents_of(*volumes_[slab.volume].stacks);
  return static_cast<std::size_t>((std::max(end, schedule.touched_end(slab.depth)) - end) *
                                  channels * extents[1] * extents[2]);
}

void SlabWorker::finish(SlabNumber slab) {
  const TiledVolume& volume = volumes_[slab.volume];
  const std::int64_t begin = volume.schedule.begin(slab.depth),
                     end = volume.schedule.end(slab.depth);
  SlabSums& sums = walk_->sums();
  std::optional<Checksum> file;
  if (begin < end) {
    const std::span<float> planes = sums.planes(begin, end);
    if (context_.evaluation) context_.evaluation->add(planes, begin);
    SlabWriter writer = partial_.files().write(slab);
    volume.output.write(planes, writer);
    file = writer.finish();
  }
  sums.drop_before(end);
  partial_.files().commit(slab, file,
                          sums.planes(end, std::max(end, volume.schedule.touched_end(slab.depth))),
                          partial_.self().str());
}

}  // namespace lucid
