#include "formats/labels/find_labels.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "data/hdf5/file.h"
#include "data/volumes/pairing.h"
#include "formats/dicom/dicom.h"
#include "formats/open/folder.h"
#include "formats/open/open_volume.h"
#include "formats/zarr/zarr_path.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Sources = std::vector<LabelSource>;

bool is_hdf5(const fs::path& path) {
  return path.extension() == ".h5" || path.extension() == ".hdf5";
}

std::vector<fs::path> label_files_in(const fs::path& folder) {
  std::vector<fs::path> found = volumes_in(folder);
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const bool is_hidden = entry.path().filename().string().starts_with('.');
    if (is_hdf5(entry.path()) && entry.is_regular_file(error) && !is_hidden)
      found.push_back(entry.path());
  }
  std::ranges::sort(found);
  if (found.empty())
    throw Error(
        ExitCode::kUsage,
        folder.string() + ": expected a folder of volumes (.nii.gz, .nrrd, .h5, ...), found none");
  return found;
}

// Returns the letters of the dataset's axes; labels of four axes are volumes of samples.
std::string axes_of_labels(const hdf5::File& file, const std::string& dataset, const Shape& shape) {
  const std::string place = file.path().string() + ": /" + dataset;
  if (shape.rank() < 3 || shape.rank() > 5)
    fail(place, "expected labels of 3 to 5 axes, found " + shape.str());
  std::string axes = plain_axes(file.attribute<std::string>(dataset, "axes").value_or(""));
  if (axes.size() != shape.rank() || !axes_error(axes).empty())
    axes = shape.rank() == 4 ? "ndhw" : default_axes(shape.rank());
  if (const std::int64_t channels = axis_extent(axes, shape, 'c'); channels > 1)
    fail(place, "expected labels, which have no channels, found " + std::to_string(channels) +
                    " in " + shape.str() + "; lucid-infer --activation argmax writes labels");
  return axes;
}

std::string only_dataset(const hdf5::File& file) {
  const std::vector<std::string> datasets = file.datasets();
  if (datasets.size() == 1) return datasets.front();
  const std::string path = file.path().string();
  if (datasets.empty()) fail(path, "expected a dataset of labels, found none");
  throw Error(ExitCode::kUsage, path + ": holds " + std::to_string(datasets.size()) +
                                    " datasets; say which, as " + path + ":/" + datasets.front());
}

void add_hdf5(const fs::path& path, const std::string& dataset, bool is_alone, Sources& sources) {
  const hdf5::File file(path);
  const std::string asked = dataset.empty() ? only_dataset(file) : dataset;
  for (const DatasetGroup& group : group_datasets(file, asked, {})) {
    const Shape shape = file.open(group.input).shape();
    const std::string axes = axes_of_labels(file, group.input, shape);
    const std::int64_t samples = axis_extent(axes, shape, 'n');
    std::string name = is_alone && (samples > 1 || !group.star.empty()) ? "" : case_name(path);
    if (!group.star.empty()) name += (name.empty() ? "" : "/") + group.star;
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      const std::string number = samples == 1 ? "" : std::to_string(sample);
      const std::string slash = name.empty() || number.empty() ? "" : "/";
      sources.push_back({name + slash + number, path, group.input, axes, sample});
    }
  }
}

void add_file(const fs::path& path, const std::string& dataset, bool is_alone, Sources& sources) {
  const std::string extension = volume_extension(path);
  if (!is_volume(path)) return add_hdf5(path, dataset, is_alone, sources);
  if (extension == ".npz" || extension.starts_with(".raw") || extension == ".bin")
    throw Error(ExitCode::kUsage, path.string() + ": expected a volume of labels, found " +
                                      extension + ", which lucid-data import reads");
  if (!dataset.empty())
    throw Error(ExitCode::kUsage,
                path.string() + ": is no HDF5 file, so it has no dataset " + in_quotes(dataset));
  if (!extension.empty() && !zarr_path(path))
    check_is_file(path, "a volume of labels", ExitCode::kUsage);
  sources.push_back({case_name(path), path});
}

// Returns where the dataset of FILE:PATH begins; a file may have a colon in its own name.
std::size_t colon_of(const std::string& argument) {
  return kind_of(argument) == FileKind::kMissing ? argument.rfind(':') : std::string::npos;
}

[[noreturn]] void fail_with(std::vector<std::string> errors) {
  constexpr std::size_t kMostLines = 20;
  if (const std::size_t count = errors.size(); count > kMostLines) {
    errors.resize(kMostLines);
    errors.back() = "... and " + std::to_string(count - kMostLines + 1) + " more like these";
  }
  throw Error(ExitCode::kData, errors);
}

}  // namespace

fs::path labels_path(const std::string& argument) { return argument.substr(0, colon_of(argument)); }

Sources find_labels(const std::string& argument) {
  const auto colon = colon_of(argument);
  const fs::path path = labels_path(argument);
  const std::string dataset =
      colon == std::string::npos ? std::string() : argument.substr(colon + 1);
  if (!dicom_series_of(argument).empty()) return {{case_name(argument), argument}};
  Sources sources;
  if (kind_of(path) != FileKind::kFolder || is_in_zarr_store(path)) {
    add_file(path, dataset, true, sources);
    return sources;
  }
  for (const fs::path& file : label_files_in(path)) add_file(file, dataset, false, sources);
  std::map<std::string, fs::path> names;
  for (const LabelSource& source : sources)
    if (const auto [at, is_new] = names.emplace(source.name, source.file); !is_new)
      fail(source.file.string(),
           "expected volumes of different names, found " + at->second.string() + " as well");
  return sources;
}

std::vector<LabelCase> pair_labels(const Sources& predictions, const Sources& truths) {
  if (predictions.size() == 1 && truths.size() == 1)
    return {{truths.front().name, predictions.front(), truths.front()}};
  const auto of_name = [](const Sources& sources, const std::string& name) {
    return std::ranges::find(sources, name, &LabelSource::name);
  };
  const auto left_over = [](const LabelSource& source, const std::string& what) {
    return source.file.string() + (source.dataset.empty() ? "" : ": /" + source.dataset) +
           ": expected a " + what + " named " + in_quotes(source.name) + ", found none";
  };
  std::vector<LabelCase> cases;
  std::vector<std::string> errors;
  for (const LabelSource& truth : truths) {
    const auto prediction = of_name(predictions, truth.name);
    if (prediction == predictions.end())
      errors.push_back(left_over(truth, "prediction"));
    else
      cases.push_back({truth.name, *prediction, truth});
  }
  for (const LabelSource& prediction : predictions)
    if (of_name(truths, prediction.name) == truths.end())
      errors.push_back(left_over(prediction, "truth"));
  if (!errors.empty()) fail_with(errors);
  return cases;
}

}  // namespace lucid
