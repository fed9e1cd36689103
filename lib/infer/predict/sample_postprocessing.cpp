#include "infer/predict/sample_postprocessing.h"

#include "formats/readers/geometry.h"

namespace lucid {

SamplePostprocessing::SamplePostprocessing(const PostprocessRules& rules, const Volumes& volumes,
                                           const OutputFormat& format)
    : format_(format) {
  const Shape shape = volumes.sample_shape();
  extents_ = {shape[1], shape[2], shape[3]};
  for (const VolumeSource& source : volumes.sources()) {
    std::optional<std::array<double, 3>> voxel_size;
    if (rules.needs_voxel_size())
      if (const auto geometry = read_geometry(hdf5::File(source.file), source.dataset))
        voxel_size = geometry->voxel_size;
    const std::string place = source.file.string() + ": /" + source.dataset;
    steps_.insert(steps_.end(), source.samples, rules.for_voxels(voxel_size, place));
  }
}

std::vector<Label> SamplePostprocessing::apply(std::size_t sample, std::span<std::byte> classes) {
  std::vector<Label> labels(classes.size() / format_.element_bytes());
  load_labels(format_, classes, labels);
  LabelsInMemory predicted(extents_, labels);
  Postprocessed result(predicted, steps_[sample], [](double) {});
  result.rewind();
  const std::size_t plane = result.plane_voxels();
  for (std::size_t at = 0; at < labels.size(); at += plane)
    result.read(std::span(labels).subspan(at, plane));
  store_labels(format_, labels, classes);
  counts_ += result.counts();
  return labels;
}

}  // namespace lucid
