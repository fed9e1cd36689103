#include "preview/preview_files.h"

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace lucid {
namespace {

SlicedVolume open_volume(const hdf5::File& file, const std::string& dataset,
                         const SlicedVolume::Place& place) {
  return {file.open(dataset), place, file.text_attribute(dataset, "axes").value_or("")};
}

std::vector<std::string> stored_names(const hdf5::File& file, const std::string& dataset) {
  const auto text = file.text_attribute(dataset, "class_names");
  const Json json = text ? Json::parse(*text, nullptr, false) : Json();
  std::vector<std::string> names;
  if (json.is_array())
    for (const Json& name : json) names.push_back(name.is_string() ? name.get<std::string>() : "");
  return names;
}

}  // namespace

void write_preview(const PreviewFiles& files, const PreviewStyle& style,
                   const std::filesystem::path& output, const std::function<void(double)>& tell) {
  const hdf5::File file(files.file);
  const SlicedVolume volume = open_volume(file, files.dataset, files.place);
  PreviewSubject subject;
  subject.volume = &volume;
  subject.geometry = read_geometry(file, files.dataset);
  subject.title = files.file.filename().string() + ": " + files.dataset;
  if (volume.samples() > 1) subject.title += " " + std::to_string(files.place.sample);
  std::optional<SlicedVolume> labels;
  if (files.labels) {
    const hdf5::File label_file(files.labels_file.value_or(files.file));
    labels = open_volume(label_file, *files.labels,
                         {files.label_axes, files.place.sample, std::int64_t{0}});
    subject.labels = &*labels;
    subject.class_names = files.class_names;
    if (subject.class_names.empty()) subject.class_names = stored_names(label_file, *files.labels);
    subject.title += files.labels_file
                         ? ", " + files.labels_file->filename().string() + ": " + *files.labels
                         : ", " + *files.labels;
  }
  write_file_atomically(output, draw_preview(subject, style, tell).png());
}

}  // namespace lucid
