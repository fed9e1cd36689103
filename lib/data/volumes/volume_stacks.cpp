#include "data/volumes/volume_stacks.h"

#include <algorithm>

#include "base/machine/limits.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "data/volumes/pairing.h"

namespace lucid {
namespace {

// Returns the letters that lucid-data import stores with a volume; empty if there are none that
// fit.
std::string stored_axes(const hdf5::File& file, const std::string& dataset, std::size_t rank) {
  std::string axes;
  try {
    axes = plain_axes(file.attribute<std::string>(dataset, "axes").value_or(""));
  } catch (const Error&) {
    return "";  // an attribute of another program, of another type
  }
  return axes.size() == rank && axes_error(axes).empty() ? axes : "";
}

// Numbers of samples and voxels up to these are counted and indexed; more come from a file that
// declares what it does not hold.
void check_size(const hdf5::Array& array, const std::string& axes) {
  constexpr std::int64_t kMostSamples = std::int64_t{1} << 28, kMostVoxels = std::int64_t{1} << 43;
  const Shape shape = array.shape();
  const std::string used = axes.empty() ? default_axes(shape.rank()) : plain_axes(axes);
  const bool fits = used.size() == shape.rank();
  const std::int64_t samples = fits ? axis_extent(used, shape, 'n') : 1;
  if (samples > kMostSamples || shape.elements() / samples > kMostVoxels)
    fail(array.place(), "expected at most " + with_thousands(kMostSamples) + " samples of " +
                            with_thousands(kMostVoxels) + " voxels, found shape " + shape.str());
}

std::unique_ptr<Stack> open_input(const hdf5::File& file, const std::string& dataset,
                                  const VolumesConfig& config) {
  hdf5::Array array = file.open(dataset);
  array.element();
  const Shape shape = array.shape();
  const std::size_t rank = shape.rank();
  if (rank < 3 || rank > 5)
    fail(array.place(), "expected 3 to 5 axes, found shape " + shape.str() +
                            "; a table (N, F) is stored as (N, F, 1, 1, 1)");
  const std::string axes =
      config.axes.empty() ? stored_axes(file, dataset, rank) : plain_axes(config.axes);
  if (axes.empty() && rank == 4)
    fail(array.place(),
         "expected its axes to be named, found shape " + shape.str() + "; " + config.axes_remedy);
  if (!axes.empty() && axes.size() != rank)
    fail(array.place(), "expected " + std::to_string(axes.size()) + " axes as in " +
                            in_quotes(config.axes) + ", found shape " + shape.str());
  check_size(array, axes);
  return std::make_unique<Stack>(file.path(), dataset, std::move(array),
                                 axes.empty() ? default_axes(rank) : axes);
}

// Opens a dataset that belongs to the input; `role` names it in messages. A file that holds
// the input, and nothing else like the name, was probably meant to hold the input alone.
hdf5::Array open_beside(const hdf5::File& file, const std::string& dataset, const std::string& role,
                        const Stack& input) {
  try {
    hdf5::Array array = file.open(dataset);
    array.element();
    return array;
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::string known = "; known: " + input.dataset();
    std::size_t end = text.find("; did you mean " + in_quotes(input.dataset()) + "?");
    if (text.ends_with(known)) end = text.size() - known.size();
    if (end == std::string::npos || file.has_dataset(dataset)) throw;
    throw Error(error.code(), text.substr(0, end) + "; input and " + role +
                                  " have to be in the same file, if need be as links to others");
  }
}

std::unique_ptr<Stack> open_target(const hdf5::File& file, const std::string& dataset,
                                   const Stack& input, const LabelMerges& merges) {
  hdf5::Array array = open_beside(file, dataset, "target", input);
  const Shape shape = array.shape();
  const std::string axes = target_axes(input.axes(), shape);
  if (axes == "?")
    fail(array.place(), "expected (N), (N, K), (N, D, H, W) or (N, C, D, H, W), found shape " +
                            shape.str() + " for the input /" + input.dataset() + " (" +
                            input.stored().str() + ")");
  auto target = std::make_unique<Stack>(file.path(), dataset, std::move(array), axes);
  if (target->samples() != input.samples())
    fail(target->place(), "expected " + std::to_string(input.samples()) +
                              " targets, one per sample of /" + input.dataset() + " (" +
                              input.stored().str() + "), found " +
                              std::to_string(target->samples()) + " (" + shape.str() + ")");
  if (!merges.empty() && !target->holds_integers())
    fail(target->place(), "expected integers, whose labels are merged, found " + target->type());
  target->merge(merges);
  return target;
}

// The mask is nonzero where the volume is valid.
std::unique_ptr<Stack> open_mask(const hdf5::File& file, const std::string& dataset,
                                 const Stack& input) {
  hdf5::Array array = open_beside(file, dataset, "mask", input);
  const Shape shape = array.shape();
  std::string axes = input.axes();
  std::erase(axes, 'c');
  if (shape.rank() != axes.size())
    fail(array.place(), "expected a mask with the axes " + in_quotes(axes) + " of /" +
                            input.dataset() + ", found shape " + shape.str());
  return std::make_unique<Stack>(file.path(), dataset, std::move(array), axes);
}

// Another input or a mask needs as many samples as the input, of the same size.
void check_beside(const Stack& stack, const Stack& input) {
  if (stack.samples() == input.samples() && stack.extents() == input.extents()) return;
  fail(stack.place(), "expected the size of /" + input.dataset() + " (" + input.stored().str() +
                          "), found " + stack.stored().str());
}

VolumeStacks open_group(const hdf5::File& file, const DatasetGroup& group,
                        const VolumesConfig& config) {
  VolumeStacks stacks;
  stacks.star = group.star;
  stacks.inputs.push_back(open_input(file, group.input, config));
  const Stack& input = stacks.first();
  for (std::size_t i = 0; i < config.other_inputs.size(); ++i) {
    stacks.inputs.push_back(open_input(file, group.companions[i], config));
    check_beside(*stacks.inputs.back(), input);
  }
  const std::string &target = group.companions[config.other_inputs.size()],
                    &mask = group.companions.back();
  if (!target.empty()) stacks.target = open_target(file, target, input, config.merges);
  if (mask.empty()) return stacks;
  stacks.mask = open_mask(file, mask, input);
  check_beside(*stacks.mask, input);
  return stacks;
}

}  // namespace

std::size_t most_open_files() {
  constexpr std::size_t kMost = 256, kOthers = 32;  // others: libraries, logs, outputs
  const std::size_t limit = open_file_limit();
  return limit > 2 * kOthers ? std::min(kMost, (limit - kOthers) / 2) : 1;
}

Shape VolumeStacks::volume_shape() const {
  const Shape shape = first().volume_shape();
  Shape::Extent channels = 0;
  for (const auto& input : inputs) channels += input->volume_shape()[0];
  return {channels, shape[1], shape[2], shape[3]};
}

std::string VolumeStacks::case_name(std::size_t sample) const {
  return is_numbered() ? name + "_" + std::to_string(first().stored_sample(sample)) : name;
}

std::vector<Stack*> VolumeStacks::all() const {
  std::vector<Stack*> stacks;
  for (const auto& input : inputs) stacks.push_back(input.get());
  for (const auto& stack : {target.get(), mask.get()})
    if (stack != nullptr) stacks.push_back(stack);
  return stacks;
}

std::size_t VolumeStacks::source_files() const {
  std::size_t files = 0;
  for (const Stack* stack : all()) files += stack->source_files();
  return files;
}

void VolumeStacks::read_inputs(std::size_t sample, std::span<float> out) const {
  for (const auto& input : inputs) {
    const std::size_t count = input->volume_shape().count();
    input->read(sample, out.first(count));
    out = out.subspan(count);
  }
}

std::optional<StoredValue> VolumeStacks::find_refused_input(std::size_t sample,
                                                            const std::optional<Box>& part,
                                                            const ValueRule& rule) const {
  for (const auto& input : inputs)
    if (auto found = input->find_refused(sample, part, rule, nullptr)) return found;
  return std::nullopt;
}

std::vector<VolumeStacks> open_stacks(const hdf5::File& file, const VolumesConfig& config) {
  std::vector<Companion> companions;
  for (const std::string& path : config.other_inputs) companions.push_back({"input", path});
  companions.push_back({"target", config.target});
  companions.push_back({"mask", config.mask});
  std::vector<VolumeStacks> all;
  for (const DatasetGroup& group : group_datasets(file, config.input, companions))
    all.push_back(open_group(file, group, config));
  return all;
}

}  // namespace lucid
