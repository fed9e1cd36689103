#include "formats/import/npz.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/readers/numpy.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

struct ArrayPlan {
  std::string array, dataset;
  bool are_images = false, are_labels = false;
};

// Finds pairs such as "train_images" and "train_labels".
std::vector<ArrayPlan> plan_arrays(const std::vector<std::string>& arrays,
                                   const ImportOptions& options) {
  const std::string images = "_images", labels = "_labels";
  const std::set<std::string> known(arrays.begin(), arrays.end());
  const auto has = [&](const std::string& name) { return known.contains(name); };
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

// Takes images as samples of one channel unless `asked` names the axes; a 2-D image is one slice.
void shape_images(VolumeFile& file, const std::string& asked) {
  std::vector<std::int64_t> extents = file.header().extents;
  std::string axes = plain_axes(asked);
  if (axes.empty()) axes = extents.size() == 3 ? "nhw" : extents.size() == 4 ? "ndhw" : "ncdhw";
  if (axes.size() != extents.size() || axes[0] != 'n')
    throw Error(ExitCode::kUsage, "--axes: expected " + std::to_string(extents.size()) +
                                      " letters for " + file.place() + ", n first, found " +
                                      in_quotes(axes));
  for (const char axis : {'d', 'c'}) {
    if (axes.find(axis) != std::string::npos) continue;
    axes.insert(1, 1, axis);
    extents.insert(extents.begin() + 1, 1);
  }
  const std::string error = axes_error(axes);
  if (!error.empty()) throw Error(ExitCode::kUsage, "--axes: " + error);
  file.set_shape(extents, axes);
}

VolumeFile open_array(const Npz& archive, const ArrayPlan& plan, const ImportOptions& options) {
  VolumeFile file = archive.open(plan.array);
  std::vector<std::int64_t> extents = file.header().extents;
  if (plan.are_images) {
    shape_images(file, options.layout.axes);
    return file;
  }
  if (plan.are_labels && extents.size() == 2 && extents[1] == 1) extents.pop_back();  // (n, 1)
  file.set_shape(extents, std::string(extents.size(), '?'));
  return file;
}

// Writes one array and counts what it holds.
void import_array(const Npz& archive, const ArrayPlan& plan, const std::string& path,
                  const ImportOptions& options, hdf5::Writer& output,
                  const ImportProgress& progress, ImportResult& result) {
  const VolumeFile opened = open_array(archive, plan, options);  // reports what is unsupported
  ImportedDataset dataset;
  dataset.path = path;
  dataset.parts = {[&] { return open_array(archive, plan, options); }};
  dataset.are_labels = plan.are_labels;
  dataset.deflate = options.deflate;
  dataset.threads = options.threads;
  import_dataset(output, dataset, result.warnings, progress);
  const auto samples = static_cast<std::size_t>(opened.header().extents[0]);
  if (plan.are_images)
    result.volumes += samples;
  else if (plan.are_labels)
    result.labels += samples;
  else
    ++result.arrays;
}

std::string left_out(const std::vector<std::string>& others) {
  constexpr std::size_t kMostNames = 5;
  std::vector<std::string> shown;
  for (const std::string& name : others)
    if (shown.size() < kMostNames) shown.push_back(name);
  if (others.size() > kMostNames) shown.emplace_back("...");
  return "left out " + std::to_string(others.size()) +
         " files that are no arrays: " + join(shown, ", ");
}

}  // namespace

void import_npz(const fs::path& path, const std::string& group, const ImportOptions& options,
                DatasetNames& names, hdf5::Writer& output, const ImportProgress& progress,
                ImportResult& result) {
  const Npz archive(path);
  const std::string place = path.string();
  const std::vector<ArrayPlan> plans = plan_arrays(archive.arrays(), options);
  for (const ArrayPlan& plan : plans) names.add(group + plan.dataset, place + ": " + plan.array);
  std::size_t written = 0;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const std::string dataset = group + plans[i].dataset;
    try {
      import_array(
          archive, plans[i], dataset, options, output,
          [&](double share) {
            progress((static_cast<double>(i) + share) / static_cast<double>(plans.size()));
          },
          result);
    } catch (const UnsupportedArray& unsupported) {
      result.warnings.push_back(std::string(unsupported.what()) + "; the array is left out");
      continue;
    }
    ++written;
    output.set_attribute(dataset, "source", path.filename().string() + ": " + plans[i].array);
  }
  if (!archive.others().empty())
    result.warnings.push_back(place + ": " + left_out(archive.others()));
  if (written == 0) fail(place, "expected arrays of integers or floats, found none");
}

}  // namespace lucid
