#include "formats/import/npz.h"

#include <algorithm>

#include "base/error.h"
#include "data/array/axes.h"
#include "formats/readers/numpy.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

struct ArrayPlan {
  std::string array, dataset;
  bool are_images = false, are_labels = false;
};

// "train_images" and "train_labels" where there are both.
std::vector<ArrayPlan> plan_arrays(const std::vector<std::string>& arrays,
                                   const ImportOptions& options) {
  const std::string images = "_images", labels = "_labels";
  const auto has = [&](const std::string& name) {
    return std::find(arrays.begin(), arrays.end(), name) != arrays.end();
  };
  std::vector<ArrayPlan> plans;
  for (const std::string& name : arrays) {
    const std::string set = name.substr(0, name.size() - std::min(name.size(), images.size()));
    const bool are_images = name.ends_with(images) && has(set + labels);
    const bool are_labels = name.ends_with(labels) && has(set + images);
    const std::string dataset = are_images   ? set + "/" + options.raw_name
                                : are_labels ? set + "/" + options.label_name
                                             : name;
    plans.push_back({name, dataset, are_images && !set.empty(), are_labels && !set.empty()});
    if (set.empty()) plans.back().dataset = name;
  }
  return plans;
}

// Samples of one channel unless the letters say otherwise; a picture is one slice.
void shape_images(VolumeFile& file, const std::string& asked) {
  std::vector<std::int64_t> extents = file.header().extents;
  std::string axes = plain_axes(asked);
  if (axes.empty()) axes = extents.size() == 3 ? "nhw" : extents.size() == 4 ? "ndhw" : "ncdhw";
  if (axes.size() != extents.size() || axes[0] != 'n')
    throw Error(ExitCode::kUsage, "--axes: expected " + std::to_string(extents.size()) +
                                      " letters for " + file.place() + ", n first, found '" + axes +
                                      "'");
  for (const char axis : {'d', 'c'}) {
    if (axes.find(axis) != std::string::npos) continue;
    axes.insert(1, 1, axis);
    extents.insert(extents.begin() + 1, 1);
  }
  const std::string error = axes_error(axes);
  if (!error.empty()) throw Error(ExitCode::kUsage, "--axes: " + error);
  file.set_shape(extents, axes);
}

VolumeFile open_array(const fs::path& path, const ArrayPlan& plan, const ImportOptions& options) {
  VolumeFile file = open_npz(path, plan.array);
  std::vector<std::int64_t> extents = file.header().extents;
  if (plan.are_images) {
    shape_images(file, options.layout.axes);
    return file;
  }
  if (plan.are_labels && extents.size() == 2 && extents[1] == 1) extents.pop_back();  // (n, 1)
  static const std::string kNone = "??????????";
  file.set_shape(extents, kNone.substr(0, std::min(extents.size(), kNone.size())));
  return file;
}

}  // namespace

std::size_t import_npz(const fs::path& path, const std::string& group, const ImportOptions& options,
                       hdf5::Writer& output, const ImportProgress& progress) {
  const std::vector<ArrayPlan> plans = plan_arrays(npz_arrays(path), options);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    ImportedDataset dataset;
    dataset.path = group + plans[i].dataset;
    dataset.parts = {[&] { return open_array(path, plans[i], options); }};
    dataset.are_labels = plans[i].are_labels;
    dataset.deflate = options.deflate;
    dataset.threads = options.threads;
    import_dataset(output, dataset, [&](double share) {
      progress((static_cast<double>(i) + share) / static_cast<double>(plans.size()));
    });
    output.set_attribute(dataset.path, "source", path.filename().string() + ": " + plans[i].array);
  }
  return plans.size();
}

}  // namespace lucid
