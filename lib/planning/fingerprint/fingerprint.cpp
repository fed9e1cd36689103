#include "planning/fingerprint/fingerprint.h"

#include <cmath>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "data/patch/set.h"
#include "data/volumes/voxel_size.h"
#include "planning/fingerprint/classes.h"

namespace lucid {
namespace {

// Labels up to this number of classes make a plan; more are rather numbers of objects.
constexpr std::int64_t kMostClasses = 1024;
constexpr std::size_t kCacheBytes = std::size_t{1} << 28;
// Shares of the whole that steps take, about.
constexpr double kCropped = 0.3, kIndexed = 0.5, kMeasured = 0.8;

class FingerprintReader {
 public:
  FingerprintReader(const VolumesConfig& config, const std::vector<std::filesystem::path>& files,
                    int threads, const FingerprintProgress& progress)
      : config_(config),
        files_(files),
        threads_(threads),
        progress_(progress),
        cache_(kCacheBytes) {}

  Fingerprint read() {
    const PatchVolumes uncropped(config_, files_, cache_);
    if (uncropped.has_voxel_targets()) {
      read_segmentation();
    } else {
      read_samples(uncropped);
    }
    return std::move(made_);
  }

 private:
  void read_segmentation() {
    progress_("cropping", 0);
    PatchSet set(PatchVolumes(config_, files_, cache_,
                              {.config = {.crops_to_nonzero = true}, .threads = threads_}),
                 {.sampling = {.patch = {.foreground = 1, .per_volume = 1}},
                  .needs_labels = true,
                  .threads = threads_});
    if (set.target_type() != TargetType::kIntegers || set.target_shape().rank() != 3)
      throw Error(
          ExitCode::kData,
          set.target_place(0) + ": expected classes, integers of shape (D, H, W), found " +
              (set.target_type() == TargetType::kIntegers ? "several channels of labels"
                                                          : "numbers that are no integers"));
    add_geometry(set.volumes());
    progress_("counting labels", kIndexed);
    count_classes(*set.label_histogram());
    add_values(NormalizationType::kCt,
               [&](const VoxelVisitor& visit) { set.walk_foreground(std::nullopt, visit); });
    const auto volumes = static_cast<double>(set.volumes().all().size());
    MeasuredClasses classes =
        measure_classes(set.volumes(), made_.geometry.classes, [&](std::size_t done) {
          progress_("components",
                    kMeasured + (1 - kMeasured) * static_cast<double>(done) / volumes);
        });
    made_.components = std::move(classes.components);
    made_.class_order = classes.order;
    made_.share_variation = classes.share_variation;
  }

  // A class or numbers a sample.
  void read_samples(const PatchVolumes& volumes) {
    const auto set = open_volumes(config_, files_, kCacheBytes);
    add_geometry(volumes);
    const bool are_classes =
        set->target_type() == TargetType::kIntegers && set->target_shape().rank() == 0;
    made_.task = are_classes ? PlanTask::kClassification : PlanTask::kRegression;
    if (are_classes) {
      count_sample_classes(*set);
    } else {
      made_.targets = set->target_shape().elements();
      made_.geometry.classes = made_.targets;
    }
    add_values(NormalizationType::kZscore,
               [&](const VoxelVisitor& visit) { set->walk_samples(visit); });
  }

  void add_geometry(const PatchVolumes& volumes) {
    std::vector<double> shares;
    made_.geometry.channels = volumes.channels();
    for (const PatchVolume& volume : volumes.all()) {
      const auto spacing = voxel_size_of(volume.stacks->first());
      const Box& region = volume.grid.stored_region();
      made_.has_spacing = made_.has_spacing && spacing.has_value();
      made_.geometry.shapes.push_back(region.size);
      made_.geometry.spacings.push_back(spacing.value_or(VoxelSize{1, 1, 1}));
      const Triple extents = volume.stacks->first().extents();
      shares.push_back(static_cast<double>(region.voxels()) /
                       static_cast<double>(extents[0] * extents[1] * extents[2]));
    }
    if (!made_.has_spacing)
      made_.geometry.spacings.assign(made_.geometry.shapes.size(), VoxelSize{1, 1, 1});
    made_.relative_size = percentile_of(shares, 50);
    progress_("reading labels", kCropped);
  }

  void count_classes(const LabelHistogram& histogram) {
    std::map<std::int64_t, std::int64_t> counts;
    for (const auto& [label, count] : histogram) {
      if (label < 0 || label >= kMostClasses)
        throw Error(ExitCode::kData, count.place + ": expected classes 0 to " +
                                         std::to_string(kMostClasses - 1) + ", found " +
                                         std::to_string(label) + "; --merge 1-" +
                                         std::to_string(histogram.rbegin()->first) +
                                         ":1 makes one class of labels that number objects");
      counts[label] = count.voxels;
    }
    keep_counts(counts);
  }

  void count_sample_classes(const Dataset& set) {
    std::map<std::int64_t, std::int64_t> counts;
    for (std::size_t i = 0; i < set.size(); ++i) {
      float target = 0;
      set.read_target(i, {&target, 1});
      if (target < 0 || target >= kMostClasses)
        throw Error(ExitCode::kData, set.target_place(i) + ": expected classes 0 to " +
                                         std::to_string(kMostClasses - 1) + ", found " +
                                         number_text(target));
      ++counts[static_cast<std::int64_t>(target)];
    }
    keep_counts(counts);
  }

  void keep_counts(const std::map<std::int64_t, std::int64_t>& counts) {
    made_.geometry.classes = std::max<std::int64_t>(counts.rbegin()->first + 1, 2);
    made_.class_counts.assign(static_cast<std::size_t>(made_.geometry.classes), 0);
    for (const auto& [label, count] : counts)
      made_.class_counts[static_cast<std::size_t>(label)] = count;
  }

  void add_values(NormalizationType type, const VoxelWalk& walk) {
    progress_("measuring values", kIndexed);
    const auto channels = static_cast<std::size_t>(made_.geometry.channels);
    const Normalization measured =
        measure_normalization({.type = type, .low = 0.5, .high = 99.5}, channels, walk);
    for (std::size_t c = 0; c < channels; ++c)
      made_.channels.push_back({.mean = measured.mean[c],
                                .std = measured.std[c],
                                .low = measured.min[c],
                                .high = measured.max[c]});
  }

  const VolumesConfig& config_;
  const std::vector<std::filesystem::path>& files_;
  const int threads_;
  const FingerprintProgress& progress_;
  ChunkCache cache_;
  Fingerprint made_;
};

// A dataset.json, or else the attributes of the first volume, give the names.
void add_names(const PlanData& data, Fingerprint& fingerprint) {
  std::vector<std::string> channels = data.channel_names;
  fingerprint.class_names = data.class_names;
  const hdf5::File file(data.files.front());
  const std::vector<VolumeStacks> stacks = open_stacks(file, data.train);
  const VolumeStacks& first = stacks.front();
  if (fingerprint.class_names.empty())
    fingerprint.class_names =
        file.attribute_list<std::string>(first.target->dataset(), "class_names");
  if (!data.train.merges.empty()) fingerprint.class_names.clear();  // others than the classes
  if (channels.empty())
    channels = file.attribute_list<std::string>(first.first().dataset(), "channel_names");
  for (std::size_t c = 0; c < std::min(channels.size(), fingerprint.channels.size()); ++c)
    fingerprint.channels[c].name = channels[c];
}

}  // namespace

Fingerprint measure_fingerprint(const PlanData& data, int threads,
                                const FingerprintProgress& progress) {
  Fingerprint made = FingerprintReader(data.train, data.files, threads, progress).read();
  add_names(data, made);
  return made;
}

}  // namespace lucid
