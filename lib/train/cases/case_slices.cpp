#include "train/cases/case_slices.h"

#include <algorithm>
#include <cmath>

#include "train/cases/plane_rows.h"
#include "train/cases/predicted_text.h"

namespace lucid {
namespace {

constexpr std::int64_t kMostVoxels = std::int64_t{1} << 24;  // of a plane: 4096 x 4096

// Where the voxels of the plane that is shown of a case lie in a sample of its targets.
PlaneRows voxel_rows(const CaseSlices::Sources& from, std::size_t sample, std::size_t index) {
  const Box all = whole(from.set.target_shape());
  const CaseList::Part part =
      from.list.is_of_patches() ? from.list.part(sample) : CaseList::Part{all, all};
  return {part.window, part.counted, from.places.place(index)};
}

// Returns the class of a voxel: the largest logit, or the first channel that is above `threshold`,
// counted from 1.
std::int64_t label_at(PredictionKind kind, const float* channels, std::size_t count,
                      std::size_t stride, float threshold) {
  std::size_t best = 0;
  for (std::size_t c = 0; c < count; ++c) {
    if (kind == PredictionKind::kBinaryLogits && channels[c * stride] > threshold)
      return static_cast<std::int64_t>(c) + 1;
    if (channels[c * stride] > channels[best * stride]) best = c;
  }
  return kind == PredictionKind::kBinaryLogits ? 0 : static_cast<std::int64_t>(best);
}

}  // namespace

CaseSlices::CaseSlices(const Sources& sources, SampleReader reader)
    : from_(sources),
      reader_(std::move(reader)),
      have_voxels_(sources.set.target_shape().rank() >= 3),
      are_labels_(sources.objective.main().prediction_kind() != PredictionKind::kValues) {}

std::int64_t CaseSlices::cost(std::span<const std::size_t> cases) const {
  std::int64_t samples = 0;
  for (const std::size_t index : cases) samples += std::ssize(samples_of(index));
  return (samples + from_.batch - 1) / from_.batch * from_.batch;
}

bool CaseSlices::can_draw(std::size_t index) const {
  const Triple extents = from_.list.extents(index);
  return from_.list.begin(index) < from_.list.end(index) && extents[1] * extents[2] <= kMostVoxels;
}

// The samples that count voxels of the plane.
std::vector<std::size_t> CaseSlices::samples_of(std::size_t index) const {
  if (!from_.list.is_of_patches()) return {index};
  std::vector<std::size_t> samples;
  for (std::size_t sample = from_.list.begin(index); sample < from_.list.end(index); ++sample)
    if (has_plane(from_.list.part(sample).counted, from_.places.place(index)))
      samples.push_back(sample);
  return samples;
}

// Targets of other extents than the inputs' show the same place.
std::int64_t CaseSlices::image_place(std::size_t index) const {
  return from_.places.place(index) * from_.list.extents(index)[0] / from_.places.planes(index);
}

CaseSlices::Plane CaseSlices::empty_plane(std::size_t index) const {
  Plane plane{.index = index};
  const Triple extents = from_.list.extents(index);
  plane.image = {extents[1], extents[2], std::vector<float>(), {}};
  plane.image.values.resize(static_cast<std::size_t>(extents[1] * extents[2]));
  if (!have_voxels_) {
    plane.target.resize(reader_.target_count());
    plane.output.resize(from_.model.graph().output_shape().count());
    return plane;
  }
  const Triple size = from_.list.is_of_patches() ? extents : whole(from_.set.target_shape()).size;
  const auto voxels = static_cast<std::size_t>(size[1] * size[2]);
  plane.truth = {size[1], size[2], {}, {}};
  if (are_labels_)
    plane.truth.labels.resize(voxels);
  else
    plane.truth.values.resize(voxels);
  plane.prediction = plane.truth;
  return plane;
}

std::vector<PanelSheet> CaseSlices::sheets(std::span<const std::size_t> cases) {
  std::vector<Plane> planes;
  std::vector<Needed> needed;
  for (const std::size_t index : cases) {
    const std::vector<std::size_t> samples = samples_of(index);
    for (const std::size_t sample : samples)
      needed.push_back({planes.size(), sample, sample == samples.front()});
    planes.push_back(empty_plane(index));
  }
  const auto batch = static_cast<std::size_t>(from_.batch);
  const std::span<const Needed> own = share_of(from_.ranks.rank(), needed);
  for (std::size_t first = 0; first < own.size(); first += batch)
    predict(own.subspan(first, std::min(batch, own.size() - first)), planes);
  std::vector<PanelSheet> sheets;
  if (!from_.ranks.is_first()) {
    send(own, planes);
    return sheets;
  }
  receive(needed, planes);
  for (Plane& plane : planes) sheets.push_back(sheet_of(std::move(plane)));
  return sheets;
}

// Whole batches, as a part of one takes as long.
std::span<const CaseSlices::Needed> CaseSlices::share_of(int rank,
                                                         std::span<const Needed> needed) const {
  const auto batch = static_cast<std::size_t>(from_.batch);
  const auto [first, end] = from_.ranks.share_of(rank, (needed.size() + batch - 1) / batch);
  const std::size_t begin = std::min(first * batch, needed.size());
  return needed.subspan(begin, std::min(end * batch, needed.size()) - begin);
}

// Calls visit() with each element of a plane that follows from the sample.
template <class Visit>
void CaseSlices::visit(const Needed& needed, Plane& plane, const Visit& visit) const {
  const CaseList::Part part = from_.list.part(needed.sample);
  const PlaneRows rows{part.window, part.counted, image_place(plane.index)};
  rows.walk(plane.image.columns,
            [&](std::size_t to, std::size_t) { visit(plane.image.values[to]); });
  if (needed.is_first)
    for (std::vector<float>* values : {&plane.target, &plane.output})
      for (float& value : *values) visit(value);
  if (!have_voxels_) return;
  voxel_rows(from_, needed.sample, plane.index)
      .walk(plane.truth.columns, [&](std::size_t to, std::size_t) {
        for (Slice* slice : {&plane.truth, &plane.prediction})
          if (are_labels_)
            visit(slice->labels[to]);
          else
            visit(slice->values[to]);
      });
}

// Labels are small integers, which a float holds.
void CaseSlices::send(std::span<const Needed> needed, std::vector<Plane>& planes) const {
  std::vector<float> values;
  for (const Needed& each : needed)
    visit(each, planes[each.plane],
          [&](const auto& value) { values.push_back(static_cast<float>(value)); });
  const Ranks::Outgoing message{0, std::as_bytes(std::span(values))};
  from_.ranks.transfer(Ranks::Channel::kSteps, {&message, 1}, {});
}

void CaseSlices::receive(std::span<const Needed> needed, std::vector<Plane>& planes) const {
  std::vector<std::vector<float>> values(static_cast<std::size_t>(from_.ranks.size()));
  std::vector<Ranks::Incoming> messages;
  for (int rank = 1; rank < from_.ranks.size(); ++rank) {
    std::size_t count = 0;
    for (const Needed& each : share_of(rank, needed))
      visit(each, planes[each.plane], [&](const auto&) { ++count; });
    std::vector<float>& of_rank = values[static_cast<std::size_t>(rank)];
    of_rank.resize(count);
    messages.push_back({rank, std::as_writable_bytes(std::span(of_rank))});
  }
  from_.ranks.transfer(Ranks::Channel::kSteps, {}, messages);
  for (int rank = 1; rank < from_.ranks.size(); ++rank) {
    auto next = values[static_cast<std::size_t>(rank)].begin();
    for (const Needed& each : share_of(rank, needed))
      visit(each, planes[each.plane],
            [&](auto& value) { value = static_cast<std::decay_t<decltype(value)>>(*next++); });
  }
}

void CaseSlices::predict(std::span<const Needed> needed, std::vector<Plane>& planes) {
  Plan& plan = from_.model.plan(Mode::kInfer, from_.batch);
  const std::size_t sample_size = from_.set.sample_shape().count();
  const std::span<float> input = plan.input().values();
  std::vector<std::vector<float>> targets(needed.size());
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const auto sample = input.subspan(i * sample_size, sample_size);
    targets[i].resize(reader_.target_count());
    reader_.read(0, needed[i].sample, scratch_, sample, targets[i]);
    add_image(needed[i], sample, planes[needed[i].plane]);
  }
  plan.forward();
  const auto outputs =
      output_values(plan, from_.model.graph(), static_cast<Shape::Extent>(needed.size()));
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const OutputValues output = outputs_of_sample(outputs, i).front();
    Plane& plane = planes[needed[i].plane];
    if (have_voxels_)
      add_voxels(needed[i], targets[i], output, plane);
    else if (needed[i].is_first) {
      std::ranges::copy(targets[i], plane.target.begin());
      std::ranges::copy(output.values, plane.output.begin());
    }
  }
}

// The first channel is shown.
void CaseSlices::add_image(const Needed& needed, std::span<const float> sample,
                           Plane& plane) const {
  const CaseList::Part part = from_.list.part(needed.sample);
  const PlaneRows rows{part.window, part.counted, image_place(plane.index)};
  rows.walk(plane.image.columns,
            [&](std::size_t to, std::size_t from) { plane.image.values[to] = sample[from]; });
}

void CaseSlices::add_voxels(const Needed& needed, std::span<const float> target,
                            const OutputValues& output, Plane& plane) const {
  const auto voxels = static_cast<std::size_t>(whole(output.shape).voxels());
  const PredictionKind kind = from_.objective.main().prediction_kind();
  const auto ignored = from_.objective.main().ignore_index();
  voxel_rows(from_, needed.sample, plane.index)
      .walk(plane.truth.columns, [&](std::size_t to, std::size_t from) {
        if (!are_labels_) {
          plane.truth.values[to] = target[from];
          plane.prediction.values[to] = output.values[from];
          return;
        }
        plane.prediction.labels[to] =
            label_at(kind, output.values.data() + from, output.values.size() / voxels, voxels, 0);
        const auto label =
            kind == PredictionKind::kBinaryLogits
                ? label_at(kind, target.data() + from, target.size() / voxels, voxels, 0.5F)
                : static_cast<std::int64_t>(target[from]);
        plane.truth.labels[to] = ignored == static_cast<std::int64_t>(target[from]) ? 0 : label;
      });
}

PanelSheet CaseSlices::sheet_of(Plane plane) const {
  PanelSheet sheet{.title = {}, .lines = {}, .panels = {}};
  if (!have_voxels_) {
    const Shape shape = from_.model.graph().output_shape().with_batch(1);
    sheet.lines = predicted_text(from_.objective.main(), {shape, plane.output, {}}, plane.target);
  }
  const IntensityWindow window = window_of(plane.image.values);
  if (have_voxels_ && are_labels_ && plane.truth.labels.size() == plane.image.values.size())
    plane.truth.values = plane.prediction.values = plane.image.values;
  // Values are shown in one window, that of the truth.
  const IntensityWindow values = are_labels_ ? window : window_of(plane.truth.values);
  sheet.panels.push_back(
      {"image d=" + std::to_string(image_place(plane.index)), std::move(plane.image), window});
  if (!have_voxels_) return sheet;
  sheet.panels.push_back({"truth", std::move(plane.truth), values});
  sheet.panels.push_back({"prediction", std::move(plane.prediction), values});
  return sheet;
}

}  // namespace lucid
