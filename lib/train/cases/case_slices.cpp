#include "train/cases/case_slices.h"

#include <algorithm>
#include <cmath>

#include "train/cases/predicted_text.h"

namespace lucid {
namespace {

constexpr std::int64_t kMostVoxels = std::int64_t{1} << 24;  // of a plane: 4096 x 4096

// Where a plane's voxels lie in a sample of (C, D, H, W) values.
struct PlaneRows {
  Box window, counted;  // of the sample in its case; d of `window` is where the sample begins
  std::int64_t place;   // of the plane in the case

  // Calls visit(to, from) for each voxel of the plane that counts in the sample.
  template <class Visit>
  void walk(std::int64_t columns, const Visit& visit) const {
    for (std::int64_t h = counted.begin[1]; h < counted.end(1); ++h)
      for (std::int64_t w = counted.begin[2]; w < counted.end(2); ++w) {
        const std::int64_t from =
            ((place - window.begin[0]) * window.size[1] + h - window.begin[1]) * window.size[2] +
            w - window.begin[2];
        visit(static_cast<std::size_t>(h * columns + w), static_cast<std::size_t>(from));
      }
  }
};

Box whole(const Shape& shape) {
  const std::size_t rank = shape.rank();
  return {{0, 0, 0}, {shape[rank - 3], shape[rank - 2], shape[rank - 1]}};
}

bool has_plane(const Box& box, std::int64_t place) {
  return box.begin[0] <= place && place < box.end(0);
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
  if (!have_voxels_) return plane;
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
    for (const std::size_t sample : samples_of(index)) needed.push_back({planes.size(), sample});
    planes.push_back(empty_plane(index));
  }
  const auto batch = static_cast<std::size_t>(from_.batch);
  for (std::size_t first = 0; first < needed.size(); first += batch)
    predict(std::span(needed).subspan(first, std::min(batch, needed.size() - first)), planes);
  std::vector<PanelSheet> sheets;
  for (Plane& plane : planes) sheets.push_back(sheet_of(std::move(plane)));
  return sheets;
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
    else if (plane.lines.empty())
      plane.lines = predicted_text(from_.objective.main(), output, targets[i]);
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
  const Box all = whole(output.shape);
  const CaseList::Part part =
      from_.list.is_of_patches() ? from_.list.part(needed.sample) : CaseList::Part{all, all};
  const PlaneRows rows{part.window, part.counted, from_.places.place(plane.index)};
  const auto voxels = static_cast<std::size_t>(all.voxels());
  const PredictionKind kind = from_.objective.main().prediction_kind();
  const auto ignored = from_.objective.main().ignore_index();
  rows.walk(plane.truth.columns, [&](std::size_t to, std::size_t from) {
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
  PanelSheet sheet{.title = {}, .lines = std::move(plane.lines), .panels = {}};
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
