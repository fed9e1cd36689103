#include "train/session/data_sets.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "data/statistics/normalized_volumes.h"
#include "data/volumes/centre_crop.h"
#include "train/session/data_warnings.h"

namespace lucid {
namespace {

std::vector<std::filesystem::path> files_of(const VolumesConfig& volumes) {
  return {volumes.files.begin(), volumes.files.end()};
}

}  // namespace

DataSets::DataSets(const RunConfig& config, int threads, const std::filesystem::path& measured,
                   Warnings& warnings)
    : config_(config),
      grid_(config.data.grid),
      threads_(threads),
      warnings_(warnings),
      measured_(measured),
      cache_(static_cast<std::size_t>(config.data.cache_mb) << 20) {
  if (config_.data.patch) {
    open_all_patches();
  } else {
    train_ = open_train();
    validation_ = open_validation();
  }
  check_drop_last();
  warn_of_sets(config_, *this, warnings_);
}

void DataSets::open_all_patches() {
  const DataConfig& data = config_.data;
  auto train = open_patches(data.train, {.patch = *data.patch,
                                         .seed = config_.seed,
                                         .batch_size = static_cast<std::size_t>(data.batch_size),
                                         .shuffle = data.shuffle});
  patches_.push_back(train.get());
  train_ = std::move(train);
  ConfigErrors errors(config_.file);
  data.augmentation.check(*train_, errors);
  errors.throw_if_any();
  check_shape("train", data.augmentation.sample_shape(*train_), data.train);
  if (!data.validation) return;
  // Validation covers every voxel exactly once.
  const Triple& size = data.patch->size;
  auto validation = open_patches(*data.validation, {.patch = {.size = size,
                                                              .sampling = PatchSampling::kGrid,
                                                              .stride = size,
                                                              .padding = data.patch->padding},
                                                    .counts_voxels_once = true});
  patches_.push_back(validation.get());
  validation_ = std::move(validation);
  check_shape("validation", validation_->sample_shape(), *data.validation);
  if (!data.train.roi && !data.validation->roi) return;
  try {
    check_apart(patches_[0]->volumes(), patches_[1]->volumes());
  } catch (const Error& error) {
    throw Error(error.code(), config_.file + ": /data/validation/roi: " + error.what());
  }
}

std::unique_ptr<PatchSet> DataSets::open_patches(const VolumesConfig& volumes,
                                                 const PatchSampler::Options& sampling) {
  PatchVolumes opened(volumes, files_of(volumes), cache_,
                      {.config = grid_, .threads = threads_, .measured = &measured_});
  grid_ = opened.grid();
  if (sampling.patch.foreground > 0 && !opened.has_voxel_targets())
    throw Error(ExitCode::kData,
                config_.file +
                    ": /data/patch/foreground: expected 0 with targets that are no "
                    "voxels, found " +
                    opened.target()->target_shape().str() + " in " + opened.target()->place());
  const bool holds_integers = opened.target()->holds_integers();
  const auto ranges = config_.objective->label_ranges(
      output_shapes(config_.graph), holds_integers ? TargetType::kIntegers : TargetType::kFloats);
  PatchSet::Options options{.sampling = sampling, .threads = threads_, .measured = &measured_};
  options.sampling.ignored = config_.objective->ignore_index();
  options.needs_labels =
      std::ranges::any_of(ranges, [](const auto& range) { return range.has_value(); });
  return std::make_unique<PatchSet>(std::move(opened), options);
}

void DataSets::normalize_patches() {
  const NormalizeConfig& normalize = config_.data.normalize;
  for (PatchSet* set : patches_)
    if (normalize.rule)
      set->normalize_volumes(*normalize.rule, warnings_);
    else
      set->normalize(normalize.given);
}

std::string DataSets::name_of(const std::string& place, const VolumesConfig& volumes) {
  const std::size_t others = volumes.files.size() - 1;
  return place.substr(0, place.rfind(", sample ")) +
         (others == 0   ? ""
          : others == 1 ? " and another file"
                        : " and " + std::to_string(others) + " other files");
}

std::size_t DataSets::cache_bytes() const {
  std::size_t bytes = 0;
  std::set<std::string> known;  // both sets may have the same volumes
  for (const PatchSet* set : patches_)
    for (const PatchVolume& volume : set->volumes().all())
      for (const Stack* stack : volume.stacks->all())
        if (known.insert(stack->identity()).second) bytes += stack->stored_bytes();
  return std::min(bytes, cache_.budget_bytes());
}

std::size_t DataSets::uncached_bytes() const {
  const std::size_t most = cache_bytes();
  return most - std::min(most, cache_.held_bytes());
}

std::string DataSets::patches_text() const {
  if (patches_.empty()) return "";
  const auto text = [](const PatchSet& set) {
    return with_thousands(static_cast<std::int64_t>(set.size())) + " of " +
           with_thousands(std::ssize(set.volumes().all())) + " volumes";
  };
  const Triple& size = config_.data.patch->size;
  return "patches of " + Shape{size[0], size[1], size[2]}.str() + ": an epoch has " +
         text(*patches_[0]) +
         (patches_.size() > 1 ? ", validation " + text(*patches_[1]) : std::string()) +
         "; decoded chunks take up to " + bytes_text(cache_bytes()) + "\n";
}

const Normalization& DataSets::normalization() const {
  return patches_.empty() ? config_.data.normalize.given : none_;
}

std::unique_ptr<Dataset> DataSets::open(const VolumesConfig& volumes) {
  const std::size_t cache_bytes = static_cast<std::size_t>(config_.data.cache_mb) << 20;
  return normalized_volumes(open_volumes(volumes, files_of(volumes), cache_bytes, &cache_),
                            config_.data.normalize.rule, warnings_);
}

std::unique_ptr<Dataset> DataSets::open_train() {
  std::unique_ptr<Dataset> set = open(config_.data.train);
  ConfigErrors errors(config_.file);
  config_.data.augmentation.check(*set, errors);
  errors.throw_if_any();
  check_shape("train", config_.data.augmentation.sample_shape(*set), config_.data.train);
  return set;
}

// If the training set is cropped at random, validation takes the centre of each sample.
std::unique_ptr<Dataset> DataSets::open_validation() {
  if (!config_.data.validation) return nullptr;
  std::unique_ptr<Dataset> set = open(*config_.data.validation);
  const Shape found = set->sample_shape(), &wanted = config_.graph.input_shape();
  bool is_larger = config_.data.augmentation.crops() && found[0] == wanted[0];
  for (std::size_t axis = 1; axis < 4; ++axis) is_larger = is_larger && found[axis] >= wanted[axis];
  if (is_larger) set = centre_cropped(std::move(set), {wanted[1], wanted[2], wanted[3]});
  check_shape("validation", set->sample_shape(), *config_.data.validation);
  return set;
}

void DataSets::check_shape(const char* name, const Shape& found,
                           const VolumesConfig& volumes) const {
  if (found == config_.graph.input_shape()) return;
  const bool is_cropped = config_.data.augmentation.crops() && std::string_view(name) == "train";
  throw Error(ExitCode::kData,
              config_.file + ": /data/" + name + ": expected samples of " +
                  config_.graph.input_shape().str() + " (C, D, H, W), the model's input, found " +
                  found.str() +
                  (is_cropped ? " behind RandomCrop; set its size to model.input.size"
                              : " in " + volumes.files.front() +
                                    "; set model.input to the shape of the data"));
}

void DataSets::check_drop_last() const {
  const auto samples = static_cast<std::int64_t>(train_->size());
  if (!config_.data.drop_last || samples >= config_.data.batch_size) return;
  throw Error(ExitCode::kUsage,
              config_.file + ": /data/drop_last: expected at least one whole batch of " +
                  std::to_string(config_.data.batch_size) + ", found " + std::to_string(samples) +
                  " samples; lower batch_size or drop no batch");
}

}  // namespace lucid
