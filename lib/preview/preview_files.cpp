#include "preview/preview_files.h"

#include "base/file.h"

namespace lucid {
namespace {

// Sets the threshold for predictions of one channel: 0 before an activation, else a half, which
// integers store as a multiple of `scale`.
void choose_threshold(const hdf5::File& file, const std::string& dataset, SlicedVolume& labels) {
  if (const auto scale = file.attribute<double>(dataset, "scale"))
    labels.set_threshold(static_cast<float>(0.5 / *scale));
  else if (file.attribute<std::string>(dataset, "activation") == "none")
    labels.set_threshold(0);
}

// Four axes may start with samples or channels; next to the labels of one sample they are channels.
std::string volume_axes(const hdf5::File& file, const std::string& dataset,
                        const std::optional<SlicedVolume>& labels) {
  const auto stored = file.attribute<std::string>(dataset, "axes");
  if (stored) return *stored;
  const Shape shape = file.open(dataset).shape();
  const bool are_channels = shape.rank() == 4 && labels && labels->samples() == 1 && shape[0] > 1;
  return are_channels ? "cdhw" : "";
}

}  // namespace

void write_preview(const PreviewFiles& files, const PreviewStyle& style, const OutputFile& output,
                   const std::function<void(double)>& tell) {
  const hdf5::File file(files.file);
  PreviewSubject subject;
  subject.title = files.file.filename().string() + ": " + files.dataset;
  std::optional<SlicedVolume> labels;
  std::string label_title;
  if (files.labels) {
    const hdf5::File label_file(files.labels_file.value_or(files.file));
    labels.emplace(label_file.open(*files.labels),
                   SlicedVolume::Place{files.label_axes, files.place.sample, 0},
                   label_file.attribute<std::string>(*files.labels, "axes").value_or(""));
    choose_threshold(label_file, *files.labels, *labels);
    subject.labels = &*labels;
    subject.class_names = files.class_names;
    if (subject.class_names.empty())
      subject.class_names = label_file.attribute_list<std::string>(*files.labels, "class_names");
    label_title = files.labels_file ? ", " + files.labels_file->filename().string() + ": " : ", ";
    label_title += *files.labels;
  }
  const SlicedVolume volume(file.open(files.dataset), files.place,
                            volume_axes(file, files.dataset, labels));
  subject.volume = &volume;
  subject.geometry = read_geometry(file, files.dataset);
  if (volume.samples() > 1) subject.title += " " + std::to_string(files.place.sample);
  subject.title += label_title + files.remark;
  const std::vector<std::byte> png = draw_preview(subject, style, tell).png();
  write_file_atomically(output, std::span<const std::byte>(png));
}

}  // namespace lucid
