#include "data/patch/volumes.h"

#include <sys/stat.h>

#include <map>

#include "base/text.h"
#include "data/volumes/case_choice.h"

namespace lucid {
namespace {

// Describes the target of a patch independent of the patch's size.
std::string target_kind(const Stack& target) {
  if (!has_voxels(target)) return "targets of shape " + target.target_shape().str();
  const Shape shape = target.target_shape();
  if (shape.rank() == 3) return "a target (D, H, W)";
  return "a target of " + std::to_string(shape[0]) + " channels";
}

void check_target(const VolumeStacks& stacks, const VolumeStacks& first) {
  const Stack& target = *stacks.target;
  if (has_voxels(target) && target.extents() != stacks.first().extents())
    fail(target.place(), "expected a target for each voxel of /" + stacks.first().dataset() + " (" +
                             stacks.first().stored().str() + "), found shape " +
                             target.stored().str());
  const std::string expected = target_kind(*first.target), found = target_kind(target);
  if (found != expected)
    fail(target.place(), "expected " + expected + " as in " + in_quotes(first.target->place()) +
                             ", found " + found);
  if (target.holds_integers() != first.target->holds_integers())
    fail(target.place(), std::string("expected ") +
                             (first.target->holds_integers() ? "integers" : "floats") + " as in " +
                             in_quotes(first.target->place()) + ", found " + target.type());
}

Box region_of(const VolumeStacks& stacks, const std::optional<Ranges>& roi) {
  const Box whole{{0, 0, 0}, stacks.first().extents()};
  if (!roi) return whole;
  Box region;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t end = roi->end[axis] < 0 ? whole.end(axis) : roi->end[axis];
    region.begin[axis] = roi->begin[axis];
    region.size[axis] = end - roi->begin[axis];
    if (region.size[axis] < 1 || end > whole.end(axis))
      fail(stacks.first().place(), "expected a roi within " + box_text(whole) + ", found " +
                                       ranges_text(*roi) + " (-1: the end)");
  }
  return region;
}

// Returns the box of the voxels that are not 0.
Box cropped(const PatchVolume& volume, const PatchVolumes::GridOptions& options) {
  const auto find = [&] {
    return nonzero_box(*volume.stacks, volume.sample, volume.whole, options.threads);
  };
  if (options.measured == nullptr) return find();
  const std::vector<double>& found =
      options.measured->get("nonzero|" + volume.identity(), [&]() -> std::vector<double> {
        const Box box = find();
        std::vector<double> numbers(box.begin.begin(), box.begin.end());
        numbers.insert(numbers.end(), box.size.begin(), box.size.end());
        return numbers;
      });
  Box box;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    box.begin[axis] = static_cast<std::int64_t>(found[axis]);
    box.size[axis] = static_cast<std::int64_t>(found[3 + axis]);
  }
  return box;
}

}  // namespace

bool has_voxels(const Stack& target) { return target.axes().find('d') != std::string::npos; }

std::string PatchVolume::place() const { return place_of(named()); }
std::string PatchVolume::input_place() const { return place_of(stacks->first()); }

std::string PatchVolume::place_of(const Stack& stack) const {
  const std::string& place = stack.place();
  return stacks->is_numbered() ? place + ", sample " + std::to_string(stack.stored_sample(sample))
                               : place;
}

Triple PatchVolume::extents() const {
  return grid.resampling() != nullptr ? grid.resampling()->extents() : stacks->first().extents();
}

std::string PatchVolume::identity() const {
  const std::filesystem::path& file = stacks->first().file();
  struct stat status {};
  if (stat(file.c_str(), &status) != 0)
    throw Error(ExitCode::kData, file.string() + ": cannot be read any more");
  std::string text = std::filesystem::weakly_canonical(file).string();
  for (const auto number :
       {static_cast<std::int64_t>(status.st_size), static_cast<std::int64_t>(status.st_mtim.tv_sec),
        static_cast<std::int64_t>(status.st_mtim.tv_nsec), static_cast<std::int64_t>(status.st_ino),
        static_cast<std::int64_t>(stacks->first().stored_sample(sample))})
    text += "|" + std::to_string(number);
  for (const Stack* stack : stacks->all()) text += "|" + stack->dataset();
  if (stacks->target && !stacks->target->merges().empty())
    text += "|" + json_text(stacks->target->merges().json());
  return text;
}

PatchVolumes::PatchVolumes(const VolumesConfig& config,
                           const std::vector<std::filesystem::path>& files, ChunkCache& cache,
                           const GridOptions& grid)
    : grid_(grid.config) {
  std::size_t open_files = 0;
  for (const std::filesystem::path& path : files) {
    const hdf5::File file(path);
    for (VolumeStacks& stacks : open_stacks(file, config)) {
      for (Stack* stack : stacks.all()) stack->use(cache);
      open_files += stacks.source_files();
      add(std::move(stacks));
    }
    if (++open_files > most_open_files()) open_files = close_all();
  }
  choose_cases(config.cases, stacks_);
  if (grid_.takes_median) find_median();
  for (const VolumeStacks& stacks : stacks_) add_volumes(stacks, config, grid);
}

void PatchVolumes::find_median() {
  std::vector<VoxelSize> sizes;
  for (const VolumeStacks& stacks : stacks_)
    sizes.insert(sizes.end(), stacks.samples(), known_voxel_size(stacks, grid_));
  grid_.spacing = median_voxel_size(std::move(sizes));
  grid_.takes_median = false;
}

std::size_t PatchVolumes::close_all() {
  for (const VolumeStacks& stacks : stacks_)
    for (Stack* stack : stacks.all()) stack->close();
  return 0;
}

void PatchVolumes::add(VolumeStacks stacks) {
  stacks_.push_back(std::move(stacks));
  const VolumeStacks &added = stacks_.back(), &first = stacks_.front();
  const Shape::Extent channels = added.volume_shape()[0];
  if (channels != first.volume_shape()[0])
    fail(added.first().place(), "expected " + std::to_string(first.volume_shape()[0]) +
                                    " channels as in " + in_quotes(first.first().place()) +
                                    ", found " + std::to_string(channels));
  if (added.target) check_target(added, first);
}

void PatchVolumes::add_volumes(const VolumeStacks& stacks, const VolumesConfig& config,
                               const GridOptions& options) {
  const Box all{{0, 0, 0}, stacks.first().extents()}, asked = region_of(stacks, config.roi);
  for (std::size_t sample = 0; sample < stacks.samples(); ++sample) {
    PatchVolume volume{&stacks, sample, VolumeGrid(asked), asked, all};
    if (grid_.crops_to_nonzero) volume.whole = cropped(volume, options);
    const Box region = overlap(volume.whole, asked);
    if (region.voxels() == 0)
      fail(volume.input_place(), "expected a roi that meets the voxels that are not 0, " +
                                     box_text(volume.whole) + ", found " + box_text(asked));
    volume.grid = grid_of(stacks, region, grid_);
    volume.region = volume.grid.region();
    volumes_.push_back(std::move(volume));
  }
}

bool PatchVolumes::has_voxel_targets() const {
  return target() != nullptr && has_voxels(*target());
}

void check_apart(const PatchVolumes& train, const PatchVolumes& validation) {
  const auto identity = [](const PatchVolume& volume) {
    const Stack& first = volume.stacks->first();
    return first.identity() + ", " + std::to_string(first.stored_sample(volume.sample));
  };
  std::map<std::string, Box> trained_on;
  for (const PatchVolume& volume : train.all())
    trained_on[identity(volume)] = volume.grid.stored_region();
  for (const PatchVolume& volume : validation.all()) {
    const auto same = trained_on.find(identity(volume));
    const Box& region = volume.grid.stored_region();
    if (same == trained_on.end() || overlap(same->second, region).voxels() == 0) continue;
    throw Error(ExitCode::kUsage,
                "expected a roi that does not overlap that of /data/train, found " +
                    box_text(region) + " beside " + box_text(same->second) + " of " +
                    volume.stacks->first().place());
  }
}

}  // namespace lucid
