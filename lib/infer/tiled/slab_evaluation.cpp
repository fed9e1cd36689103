#include "infer/tiled/slab_evaluation.h"

#include <omp.h>

#include <algorithm>

#include "infer/predict/member_mean.h"
#include "infer/tiled/tile_volumes.h"
#include "infer/window/coarse_output.h"
#include "objective/coarse_targets.h"
#include "objective/target_rules.h"

namespace lucid {

SlabEvaluation::SlabEvaluation(const InferOptions& options, const Predictor& predictor)
    : predictor_(predictor),
      evaluation_(*predictor.config().objective, metrics_of_scores(options, predictor.config()),
                  predictor.graph().output_shape()),
      ignored_(predictor.config().objective->ignore_index()) {
  if (options.postprocess) of_labels_.emplace(predictor);
}

void SlabEvaluation::begin(const TiledVolume& volume) {
  const VolumeStacks& stacks = *volume.stacks;
  check(stacks);
  rules_ =
      target_rules(*predictor_.config().objective, output_shapes(predictor_.graph()),
                   stacks.target->holds_integers() ? TargetType::kIntegers : TargetType::kFloats);
  use(volume);
  non_finite_.reset();
  others_.clear();
  const auto members = static_cast<std::int64_t>(predictor_.members());
  for (const ObjectiveTerm& term : predictor_.config().objective->terms()) {
    const auto is_known = [&](const OtherOutput& other) { return other.output == term.output; };
    if (term.output == 0 || std::ranges::any_of(others_, is_known)) continue;
    const Shape output = predictor_.graph().output(term.output).shape;
    others_.push_back({term.output,
                       predictor_.config().objective->strides_of_output(
                           output_shapes(predictor_.graph()), term.output),
                       SlabSums(volume.grid, members * output[0], volume.schedule.most_planes())});
  }
}

void SlabEvaluation::use(const TiledVolume& volume) {
  volume_ = &volume;
  for (Stack* stack : {volume.stacks->target.get(), volume.stacks->mask.get()})
    if (stack != nullptr) stack->use(cache_);
}

void SlabEvaluation::begin_labels(const TiledVolume& volume) { use(volume); }

void SlabEvaluation::add_labels(std::span<const Label> planes, std::int64_t first) {
  const Triple extents = volume_->output_grid.extents();
  of_labels_->add(planes, read_target(first, std::ssize(planes) / (extents[1] * extents[2])));
}

Measurements SlabEvaluation::measured() const {
  Measurements measured = evaluation_.measured();
  if (of_labels_) of_labels_->report(measured);
  return measured;
}

// An output of voxels, fine or coarse, has the extents of its volume, whatever its size.
void SlabEvaluation::check(const VolumeStacks& stacks) const {
  const Shape volume = stacks.volume_shape().without_first();
  const Shape window = predictor_.graph().input_shape().without_first();
  std::vector<Shape> outputs = output_shapes(predictor_.graph());
  const std::vector<Shape> of_window = outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].rank() == 4 && (outputs[i].without_first() == window ||
                                   predictor_.config().objective->strides_of_output(of_window, i)))
      outputs[i] = volume.with_batch(outputs[i][0]);
  const Stack& target = *stacks.target;
  try {
    predictor_.config().objective->check(
        outputs, target.target_shape(),
        target.holds_integers() ? TargetType::kIntegers : TargetType::kFloats);
  } catch (const Error& error) {
    throw Error(error.code(), target.place() + ": " + error.what());
  }
}

void SlabEvaluation::add_window(const WindowPlace& place, const Flips& flips, float share,
                                std::size_t row) {
  for (OtherOutput& other : others_) {
    const OutputValues output = predictor_.outputs()[other.output];
    const std::size_t count = output.shape.without_first().count();
    const std::span<const float> values = output.values.subspan(row * count, count);
    if (other.strides)
      other.sums.add(place, flips, share,
                     repeated(values, voxel_extents(output.shape), *other.strides));
    else
      other.sums.add(place, flips, share, values);
  }
}

void SlabEvaluation::add(std::span<const float> sums, std::int64_t seen, std::int64_t first,
                         std::int64_t count) {
  const bool is_made = predictor_.members() > 1 || !volume_->output_grid.is_as_seen();
  const std::vector<float> made =
      is_made ? scores(0, sums, seen, first, count) : std::vector<float>();
  const std::vector<float> target = read_target(first, count);
  std::vector<OutputValues> outputs(predictor_.graph().outputs().size());
  std::vector<std::span<const float>> targets(outputs.size());
  outputs.front() = {planes_of(0, count), is_made ? std::span(made) : sums, {}};
  targets.front() = target;
  std::vector<Compared> others;
  for (OtherOutput& other : others_) others.push_back(compared(other, target, first, count));
  for (std::size_t i = 0; i < others.size(); ++i) {
    outputs[others_[i].output] = {others[i].shape, others[i].values, {}};
    targets[others_[i].output] = others[i].target;
  }
  evaluation_.add_part(outputs, targets);
  for (OtherOutput& other : others_)
    other.sums.drop_before(volume_->output_grid.first_seen(first + count));
}

// Of a coarse output each voxel counts once, as in training, unless it was interpolated.
SlabEvaluation::Compared SlabEvaluation::compared(OtherOutput& other, std::span<const float> target,
                                                  std::int64_t first, std::int64_t count) const {
  std::vector<float> values = values_of(other, first, count);
  const Shape shape = planes_of(other.output, count);
  if (!other.strides || !volume_->output_grid.is_as_seen())
    return {std::move(values), {target.begin(), target.end()}, shape};
  const VoxelPick pick = coarse_voxels(volume_->grid, *other.strides, first, count);
  const std::int64_t voxels = std::ssize(pick[0]) * std::ssize(pick[1]) * std::ssize(pick[2]);
  if (voxels == 0) return {};
  const Triple& volume = volume_->output_grid.extents();
  const std::int64_t channels = std::ssize(target) / (count * volume[1] * volume[2]);
  return {picked(values, first, shape[1], volume, pick),
          picked(target, first, channels, volume, pick),
          {std::ssize(pick[0]), shape[1], 1, std::ssize(pick[1]), std::ssize(pick[2])}};
}

// Returns planes of the output's grid.
std::vector<float> SlabEvaluation::values_of(OtherOutput& other, std::int64_t first,
                                             std::int64_t count) const {
  const OutputGrid& grid = volume_->output_grid;
  const std::int64_t begin = grid.first_seen(first),
                     end = std::max(begin, grid.seen_end(first + count));
  return scores(other.output, other.sums.planes(begin, end), begin, first, count);
}

// Takes the mean over the members, then interpolates it.
std::vector<float> SlabEvaluation::scores(std::size_t output, std::span<const float> sums,
                                          std::int64_t seen, std::int64_t first,
                                          std::int64_t count) const {
  const OutputGrid& grid = volume_->output_grid;
  const MemberMean mean = MemberMean::of_scores(predictor_, output);
  const Shape shape = planes_of(output, count);
  const std::int64_t height = volume_->grid.axes[1].extent, width = volume_->grid.axes[2].extent,
                     plane = shape[1] * height * width,
                     members = static_cast<std::int64_t>(predictor_.members()),
                     planes = std::ssize(sums) / (members * plane);
  std::vector<float> means(sums.begin(), sums.end());
  if (planes > 0) means.resize(mean.take({planes, shape[1], height, width}, means).size());
  if (!grid.is_as_seen()) {
    std::vector<float> made(shape.count());
    grid.make(first, first + count, means, seen, mean.of_zeros(shape[1]), made);
    means.swap(made);
  }
  mean.to_scores(means);
  return means;
}

// Returns the shape of `count` planes seen as a batch.
Shape SlabEvaluation::planes_of(std::size_t output, std::int64_t count) const {
  const Triple volume = volume_->output_grid.extents();
  return {count, predictor_.graph().output(output).shape[0], 1, volume[1], volume[2]};
}

// Returns (C, D, H, W).
std::vector<float> SlabEvaluation::read(Stack& stack, std::int64_t first,
                                        std::int64_t count) const {
  const Triple volume = stack.extents();
  const Box part{{first, 0, 0}, {count, volume[1], volume[2]}};
  std::vector<float> values(static_cast<std::size_t>(stack.volume_shape()[0] * part.voxels()));
  stack.read(volume_->sample, part, values, omp_get_max_threads());
  return values;
}

// Returns (D, C, H, W). Invalid voxels get the ignored label, if the loss has one.
std::vector<float> SlabEvaluation::read_target(std::int64_t first, std::int64_t count) {
  const std::vector<float> stored = read(*volume_->stacks->target, first, count);
  std::vector<float> valid;
  if (volume_->stacks->mask != nullptr && ignored_)
    valid = read(*volume_->stacks->mask, first, count);
  const Shape volume = volume_->stacks->target->volume_shape();
  const auto channels = static_cast<std::size_t>(volume[0]),
             depth = static_cast<std::size_t>(count),
             plane = static_cast<std::size_t>(volume[2] * volume[3]);
  std::vector<float> target(stored.size());
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t z = 0; z < depth; ++z) {
      const float* from = stored.data() + (c * depth + z) * plane;
      float* to = target.data() + (z * channels + c) * plane;
      std::copy_n(from, plane, to);
      for (std::size_t i = 0; i < plane && !valid.empty(); ++i)
        if (valid[z * plane + i] == 0) to[i] = static_cast<float>(*ignored_);
    }
  check_target(target, first, count);
  return target;
}

void SlabEvaluation::check_target(std::span<const float> target, std::int64_t first,
                                  std::int64_t count) {
  const Triple volume = volume_->stacks->target->extents();
  const Box planes{{first, 0, 0}, {count, volume[1], volume[2]}};
  const Stack* mask = ignored_ ? volume_->stacks->mask.get() : nullptr;
  for (const ValueRule& rule : rules_) {
    if (find_refused(target, rule) == target.size()) continue;
    const auto found = volume_->stacks->target->find_refused(volume_->sample, planes, rule, mask);
    if (found && rule.kind != ValueRule::Kind::kFinite) refuse(*found, rule);
    if (!non_finite_) non_finite_ = found;
    if (found) return;  // a NaN is no share either
  }
}

}  // namespace lucid
