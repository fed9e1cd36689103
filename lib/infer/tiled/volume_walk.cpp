#include "infer/tiled/volume_walk.h"

namespace lucid {

std::int64_t predicted_channels(const Predictor& predictor) {
  return static_cast<std::int64_t>(predictor.members()) * predictor.graph().output_shape()[0];
}

VolumeWalk::VolumeWalk(const WalkContext& context, const TiledVolume& volume, std::size_t number,
                       const Normalization& normalization)
    : context_(context),
      volume_(volume),
      number_(number),
      slab_({*volume.stacks, volume.sample, *volume.voxels, normalization,
             context.predictor.config().padding},
            volume.grid, cache_),
      sums_(volume.grid, predicted_channels(context.predictor), volume.schedule.most_planes()) {}

void VolumeWalk::restore(std::size_t depth, std::span<const float> sums) {
  sums_.restore(volume_.schedule.kept(depth), sums);
}

// Windows go to planes in the same order as in a walk from the first depth index on, and in the
// same batches, so that the sums have the same bits.
bool VolumeWalk::catch_up(std::size_t depth) {
  sums_.drop_before(volume_.schedule.kept(depth));
  is_again_ = true;
  for (std::size_t before = volume_.schedule.first_touching(depth); before < depth; ++before)
    if (!predict(before)) return false;
  is_again_ = false;
  return true;
}

bool VolumeWalk::predict(std::size_t depth) {
  slab_.read_for(depth);
  for (std::size_t row = 0; row < volume_.grid.axes[1].starts.size(); ++row)
    for (std::size_t column = 0; column < volume_.grid.axes[2].starts.size(); ++column)
      for (const Flips& image : context_.tiling.images()) {
        if (!goes_on_) return false;
        batch_.push_back({{depth, row, column}, image});
        if (static_cast<std::int64_t>(batch_.size()) == context_.predictor.batch_size())
          predict_batch();
      }
  if (!batch_.empty()) predict_batch();
  return true;
}

void VolumeWalk::predict_batch() {
  Predictor& predictor = context_.predictor;
  const std::size_t in = predictor.graph().input_shape().count(),
                    out = predictor.members() * predictor.graph().output_shape().count();
  for (std::size_t i = 0; i < batch_.size(); ++i)
    slab_.gather(batch_[i].place, batch_[i].flips, predictor.input().subspan(i * in, in));
  const std::span<const float> predictions =
      predictor.predict(static_cast<std::int64_t>(batch_.size()));
  if (!predictor.was_finite() && !context_.non_finite.is_known(number_)) note_non_finite();
  const std::vector<Flips>& images = context_.tiling.images();
  const float share = 1 / static_cast<float>(images.size());
  std::int64_t windows = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    sums_.add(batch_[i].place, batch_[i].flips, share, predictions.subspan(i * out, out));
    if (context_.evaluation)
      context_.evaluation->add_window(batch_[i].place, batch_[i].flips, share, i);
    if (batch_[i].flips == images.back()) ++windows;
  }
  batch_.clear();
  if (is_again_) windows_again_ += windows;
  goes_on_ = context_.progress(is_again_ ? 0 : windows);
}

// Looks through the planes of the volume for the first value, which may lie in another window.
void VolumeWalk::note_non_finite() {
  const VolumeStacks& stacks = *volume_.stacks;
  const Triple size = extents_of(stacks);
  for (std::int64_t d = 0; d < size[0]; ++d)
    if (const auto found =
            stacks.find_refused_input(volume_.sample, Box{{d, 0, 0}, {1, size[1], size[2]}}, {}))
      return context_.non_finite.add_input(number_, *found);
  context_.non_finite.add_prediction(number_, stacks.first().place());
}

}  // namespace lucid
