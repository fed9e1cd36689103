#include "preview/preview_files.h"

#include "base/file.h"
#include "formats/open/boxed_planes.h"
#include "formats/open/open_planes.h"
#include "formats/open/open_volume.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// A volume in a file of any format.
struct Opened {
  std::shared_ptr<const PlaneSource> planes{};  // empty for HDF5
  std::optional<hdf5::Array> array{};
  std::string axes{};  // as stored
  std::optional<Geometry> geometry{};

  Shape shape() const { return planes ? planes->shape() : array->shape(); }
  // Call it once: the dataset moves to the volume.
  SlicedVolume sliced(const SlicedVolume::Place& place, const std::string& stored_axes) {
    return planes ? SlicedVolume(planes, place, stored_axes)
                  : SlicedVolume(std::move(*array), place, stored_axes);
  }
};

Opened open_file(const fs::path& file, const std::string& dataset, const std::string& asked_axes) {
  if (is_volume(file)) {
    const OpenPlanes planes = open_planes(file, {dataset, asked_axes});
    const bool is_boxed = !planes.source->chunk_extents().empty();
    return {
        is_boxed ? planes.source : std::make_shared<BoxedPlanes>(planes.source, planes.header.axes),
        {},
        planes.header.axes,
        planes.header.geometry};
  }
  const hdf5::File opened(file);
  if (dataset.empty())
    throw Error(ExitCode::kUsage, file.string() +
                                      ": an HDF5 file holds datasets; say which with --dataset" +
                                      opened.known_datasets(""));
  return {{},
          opened.open(dataset),
          opened.attribute<std::string>(dataset, "axes").value_or(""),
          read_geometry(opened, dataset)};
}

// Sets the threshold for predictions of one channel: 0 before an activation, else a half, which
// integers store as a multiple of `scale`. Floats of other formats are classes unless they have a
// channel axis, as predictions do.
void choose_threshold(const fs::path& path, const std::string& dataset, const Opened& opened,
                      SlicedVolume& labels) {
  if (opened.planes) {
    if (opened.axes.find('c') == std::string::npos) labels.take_classes();
    return;
  }
  const hdf5::File file(path);
  if (const auto scale = file.attribute<double>(dataset, "scale"))
    labels.set_threshold(static_cast<float>(0.5 / *scale));
  else if (file.attribute<std::string>(dataset, "activation") == "none")
    labels.set_threshold(0);
}

// Four axes may start with samples or channels; next to the labels of one sample they are channels.
std::string volume_axes(const Opened& volume, const SlicedVolume* labels) {
  if (!volume.axes.empty()) return volume.axes;
  const Shape shape = volume.shape();
  const bool are_channels =
      shape.rank() == 4 && labels != nullptr && labels->samples() == 1 && shape[0] > 1;
  return are_channels ? "cdhw" : "";
}

// The labels of a preview, with what the title and the legend say of them.
struct OpenLabels {
  SlicedVolume volume;
  std::vector<std::string> class_names;
  std::string title;
};

OpenLabels open_labels(const PreviewFiles& files) {
  const fs::path path = *file_of_labels(files);
  const bool is_scan = !files.labels_file && path != files.file;
  const std::string dataset = is_scan ? "" : *files.labels;
  Opened opened = open_file(path, dataset, files.label_axes);
  const bool is_dataset = !opened.planes;
  OpenLabels labels{opened.sliced({files.label_axes, files.place.sample, 0}, opened.axes),
                    files.class_names, ""};
  choose_threshold(path, dataset, opened, labels.volume);
  if (labels.class_names.empty() && is_dataset)
    labels.class_names = hdf5::File(path).attribute_list<std::string>(dataset, "class_names");
  labels.title = ", ";
  if (path != files.file) labels.title += path.filename().string() + (is_scan ? "" : ": ");
  labels.title += dataset;
  return labels;
}

}  // namespace

std::optional<fs::path> file_of_labels(const PreviewFiles& files) {
  if (files.labels_file) return files.labels_file;
  if (!files.labels) return std::nullopt;
  // A dataset may have any name; that of a volume file is one only where there is such a file.
  const bool is_file = is_volume(*files.labels) && kind_of(*files.labels) != FileKind::kMissing;
  return is_file ? fs::path(*files.labels) : files.file;
}

void write_preview(const PreviewFiles& files, const PreviewStyle& style, const OutputFile& output,
                   const std::function<void(double)>& tell) {
  PreviewSubject subject;
  subject.title = files.file.filename().string();
  if (!files.dataset.empty()) subject.title += ": " + files.dataset;
  std::optional<OpenLabels> labels;
  if (files.labels) labels.emplace(open_labels(files));
  Opened opened = open_file(files.file, files.dataset, files.place.axes);
  if (labels) {
    subject.labels = &labels->volume;
    subject.class_names = labels->class_names;
  }
  const SlicedVolume volume = opened.sliced(files.place, volume_axes(opened, subject.labels));
  subject.volume = &volume;
  subject.geometry = opened.geometry;
  if (volume.samples() > 1) subject.title += " " + std::to_string(files.place.sample);
  subject.title += (labels ? labels->title : "") + files.remark;
  const std::vector<std::byte> png = draw_preview(subject, style, tell).png();
  write_file_atomically(output, std::span<const std::byte>(png));
}

}  // namespace lucid
