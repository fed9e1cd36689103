#include "formats/import/import.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/import/cases.h"
#include "formats/import/dataset.h"
#include "formats/import/names.h"
#include "formats/import/npz.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

std::vector<std::int64_t> space_of(const VolumeFile& file) {
  const auto extent = [&](char axis) {
    return axis_extent(file.header().axes, file.shape(), axis);
  };
  return {extent('d'), extent('h'), extent('w')};
}

// State shared by the cases of one import.
class Import {
 public:
  Import(const ImportOptions& options, const ImportFiles& files, hdf5::Writer& output,
         const ImportReport& report)
      : options_(options), files_(files), output_(output), report_(report) {}

  ImportResult run() {
    steps_ = files_.npz.size() + files_.cases.size();
    add_names();
    for (const fs::path& archive : files_.npz) {
      const std::string group = files_.npz.size() == 1 ? "" : case_name(archive) + "/";
      import_npz(
          archive, group, options_, names_, output_,
          [&](double share) { tell(case_name(archive), share); }, result_);
      ++step_;
    }
    if (options_.is_stacked && !files_.cases.empty()) {
      write_stack();
    } else {
      for (const ImportCase& one : files_.cases) {
        check_label(one);
        check_channels(one);
        write_case(one);
        ++step_;
      }
    }
    return std::move(result_);
  }

 private:
  // Reports a name that cannot be written before anything is.
  void add_names() {
    if (options_.raw_name == options_.label_name)
      throw Error(ExitCode::kUsage, "--label-name: expected another name than --raw-name, found " +
                                        in_quotes(options_.label_name));
    for (const ImportCase& one : files_.cases) {
      const std::string place = one.images.front().string();
      const std::string group = options_.is_stacked ? "" : one.name + "/";
      names_.add(group + options_.raw_name, place);
      names_.add(group + options_.label_name, place);
      if (options_.is_stacked) return;  // one dataset of all cases
    }
  }

  std::function<VolumeFile()> opener(const fs::path& path) const {
    return [path, this] { return open_volume(path, options_.layout); };
  }

  void tell(const std::string& name, double share) const {
    report_(name, (static_cast<double>(step_) + share) / static_cast<double>(steps_));
  }

  // A label has to match its image in shape; a difference of geometry alone is a warning, as it may
  // be wrong.
  void check_label(const ImportCase& one) {
    if (!one.label) return;
    const VolumeFile image = open_volume(one.images.front(), options_.layout);
    const VolumeFile label = open_volume(*one.label, options_.layout);
    if (space_of(image) != space_of(label))
      throw Error(ExitCode::kData, label.place() + ": expected " + Shape(space_of(image)).str() +
                                       " voxels as in " + image.place() + ", found " +
                                       Shape(space_of(label)).str());
    warn_of_difference(label, image);
    const std::int64_t channels = axis_extent(label.header().axes, label.shape(), 'c');
    if (channels > 1)
      result_.warnings.push_back(
          label.place() + ": expected one class per voxel, found " + std::to_string(channels) +
          " channels; losses of classes need their number, not one channel per class");
  }

  // The channels of a case belong to one place.
  void check_channels(const ImportCase& one) {
    if (one.images.size() < 2) return;
    const VolumeFile first = open_volume(one.images.front(), options_.layout);
    for (const fs::path& path : one.images) {
      const VolumeFile file = open_volume(path, options_.layout);
      if (file.header().axes.find('c') != std::string::npos)
        fail(file.place(),
             "expected one channel a file, found more; lucid-data import --no-channels makes every "
             "file a case");
      warn_of_difference(file, first);
    }
  }

  void warn_of_difference(const VolumeFile& file, const VolumeFile& first) {
    const auto &a = first.header().geometry, &b = file.header().geometry;
    const std::string difference = a && b ? geometry_difference(*a, *b) : "";
    if (!difference.empty())
      result_.warnings.push_back(file.place() + ": lies elsewhere than " + first.place() + ": " +
                                 difference);
  }

  ImportedDataset dataset(const std::string& path, bool are_labels) const {
    ImportedDataset made;
    made.path = path;
    made.are_labels = are_labels;
    made.deflate = options_.deflate;
    made.threads = options_.threads;
    return made;
  }

  void write_case(const ImportCase& one) {
    ImportedDataset image = dataset(one.name + "/" + options_.raw_name, false);
    for (const fs::path& path : one.images) image.parts.push_back(opener(path));
    if (one.images.size() > 1) {
      image.lead = {static_cast<std::int64_t>(one.images.size())};
      image.lead_axes = "c";
    }
    const double images = one.label ? 0.7 : 1;
    import_dataset(output_, image, result_.warnings,
                   [&](double share) { tell(one.name, images * share); });
    describe(image.path, one.images.front());
    set_names(image.path, "channel_names", files_.described.channel_names);
    ++result_.volumes;
    if (!one.label) return;
    ImportedDataset label = dataset(one.name + "/" + options_.label_name, true);
    label.parts = {opener(*one.label)};
    import_dataset(output_, label, result_.warnings,
                   [&](double share) { tell(one.name, images + (1 - images) * share); });
    describe(label.path, *one.label);
    set_names(label.path, "class_names", files_.described.class_names);
    ++result_.labels;
  }

  // Writes (n, c, d, h, w) and (n, d, h, w), which need no axes in an experiment file.
  void write_stack() {
    ImportedDataset images = dataset(options_.raw_name, false);
    ImportedDataset labels = dataset(options_.label_name, true);
    std::vector<std::string> names;
    const std::size_t channels = files_.cases.front().images.size();  // as of all cases
    for (const ImportCase& one : files_.cases) {
      check_label(one);
      check_channels(one);
      for (const fs::path& path : one.images) images.parts.push_back(opener(path));
      if (one.label) labels.parts.push_back(opener(*one.label));
      names.push_back(one.name);
    }
    const auto count = static_cast<std::int64_t>(names.size());
    const bool has_channels = images.parts.front()().header().axes.find('c') != std::string::npos;
    images.lead = {count};
    images.lead_axes = has_channels ? "n" : "nc";
    if (!has_channels) images.lead.push_back(static_cast<std::int64_t>(channels));
    labels.lead = {count};
    labels.lead_axes = "n";
    steps_ = labels.parts.empty() ? 1 : 2;
    import_dataset(output_, images, result_.warnings,
                   [&](double share) { tell(options_.raw_name, share); });
    describe_stack(images.path, names);
    set_names(images.path, "channel_names", files_.described.channel_names);
    result_.volumes = names.size();
    if (labels.parts.empty()) return;
    ++step_;
    import_dataset(output_, labels, result_.warnings,
                   [&](double share) { tell(options_.label_name, share); });
    describe_stack(labels.path, names);
    set_names(labels.path, "class_names", files_.described.class_names);
    result_.labels = names.size();
  }

  void describe(const std::string& path, const fs::path& source) {
    output_.set_attribute(path, "source", source.filename().string());
    const VolumeFile file = open_volume(source, options_.layout);
    if (file.header().geometry) write_geometry(output_, path, *file.header().geometry);
  }

  // Describes the geometry if all cases share one.
  void describe_stack(const std::string& path, const std::vector<std::string>& names) {
    output_.set_attribute(path, "names", json_text(Json(names)));
    std::optional<Geometry> common;
    for (const ImportCase& one : files_.cases) {
      const VolumeFile file = open_volume(one.images.front(), options_.layout);
      const auto& geometry = file.header().geometry;
      if (!geometry || (common && common->voxel_size != geometry->voxel_size)) return;
      if (!common) common = geometry;
    }
    output_.set_attribute(path, "voxel_size_mm", Shape{3}, common->voxel_size);
    output_.set_attribute(path, "units", std::string("mm"));
  }

  void set_names(const std::string& path, const char* key, const std::vector<std::string>& names) {
    if (!names.empty()) output_.set_attribute(path, key, std::span<const std::string>(names));
  }

  const ImportOptions& options_;
  const ImportFiles& files_;
  hdf5::Writer& output_;
  const ImportReport& report_;
  DatasetNames names_;
  ImportResult result_;
  std::size_t step_ = 0, steps_ = 1;
};

ImportFiles find_files(const ImportOptions& options) {
  const bool are_numbered = options.are_channels_numbered;
  return find_cases(
      options.inputs, options.labels,
      {are_numbered ? ChannelNames::kNumbered : ChannelNames::kNone, options.are_archives_volumes});
}

}  // namespace

std::vector<fs::path> files_to_import(const ImportOptions& options) {
  const ImportFiles found = find_files(options);
  std::vector<fs::path> files = found.npz, volumes;
  if (!found.description.empty()) files.push_back(found.description);
  for (const ImportCase& one : found.cases) {
    volumes.insert(volumes.end(), one.images.begin(), one.images.end());
    if (one.label) volumes.push_back(*one.label);
  }
  for (const fs::path& volume : volumes)
    for (const fs::path& file : files_of_volume(volume)) files.push_back(file);
  return files;
}

ImportResult import_volumes(const ImportOptions& options, hdf5::Writer& output,
                            const ImportReport& report) {
  const ImportFiles files = find_files(options);
  return Import(options, files, output, report).run();
}

}  // namespace lucid
