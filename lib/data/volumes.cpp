#include "data/volumes.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"
#include "data/axes.h"
#include "data/pairing.h"
#include "data/stack.h"

namespace lucid {
namespace {

// As many as are safe under the usual limit of 1024 open files.
constexpr std::size_t kMostOpenFiles = 256;

using Stacks = std::vector<std::unique_ptr<Stack>>;

[[noreturn]] void fail(const std::string& place, const std::string& message) {
  throw Error(ExitCode::kData, place + ": " + message);
}

std::unique_ptr<Stack> open_input(const hdf5::File& file, const std::string& dataset,
                                  const std::string& axes) {
  hdf5::Array array = file.open(dataset);
  array.element();
  const Shape shape = array.shape();
  const std::size_t rank = shape.rank();
  if (rank < 3 || rank > 5)
    fail(array.place(), "expected 3 to 5 axes, found shape " + shape.str() +
                            "; a table (N, F) is stored as (N, F, 1, 1, 1)");
  if (axes.empty() && rank == 4)
    fail(array.place(), "expected its axes to be named, found shape " + shape.str() +
                            "; say \"axes\": \"ndhw\" or \"cdhw\"");
  if (!axes.empty() && axes.size() != rank)
    fail(array.place(), "expected " + std::to_string(axes.size()) + " axes as in " +
                            in_quotes(axes) + ", found shape " + shape.str());
  return std::make_unique<Stack>(file.path(), dataset, std::move(array),
                                 axes.empty() ? default_axes(rank) : plain_axes(axes));
}

std::unique_ptr<Stack> open_target(const hdf5::File& file, const std::string& dataset,
                                   const Stack& input) {
  hdf5::Array array = file.open(dataset);
  array.element();
  const Shape shape = array.shape();
  const std::string axes = target_axes(input.axes(), shape);
  if (axes == "?")
    fail(array.place(), "expected (N), (N, K), (N, D, H, W) or (N, C, D, H, W), found shape " +
                            shape.str() + " beside an input of " + input.stored().str());
  auto target = std::make_unique<Stack>(file.path(), dataset, std::move(array), axes);
  if (target->samples() != input.samples())
    fail(target->place(), "expected " + std::to_string(input.samples()) +
                              " targets, one a sample of /" + input.dataset() + " (" +
                              input.stored().str() + "), found " +
                              std::to_string(target->samples()) + " (" + shape.str() + ")");
  return target;
}

void check_input_like(const Stack& input, const Stack& first) {
  if (input.volume_shape() == first.volume_shape()) return;
  fail(input.place(), "expected samples of " + first.volume_shape().str() + " as in " +
                          in_quotes(first.place()) + ", found " + input.volume_shape().str());
}

void check_target_like(const Stack& target, const Stack& first) {
  if (target.target_shape() != first.target_shape())
    fail(target.place(), "expected targets of shape " + first.target_shape().str() + " as in " +
                             in_quotes(first.place()) + ", found " + target.target_shape().str());
  if (target.holds_integers() != first.holds_integers())
    fail(target.place(), std::string("expected ") +
                             (first.holds_integers() ? "integers" : "floats") + " as in " +
                             in_quotes(first.place()) + ", found " + target.type());
}

class StoredVolumes final : public Volumes {
 public:
  StoredVolumes(const VolumesConfig& config, const std::vector<std::filesystem::path>& files,
                std::size_t cache_bytes) {
    for (const std::filesystem::path& path : files) {
      const hdf5::File file(path);
      for (const DatasetPair& pair : pair_datasets(file, config.input, config.target))
        add(file, pair, config.axes);
      if (inputs_.size() > kMostOpenFiles) close_all();
    }
    if (stored_bytes() > cache_bytes) return;
    for (const auto& stack : inputs_) stack->keep_in_memory();
    for (const auto& stack : targets_) stack->keep_in_memory();
  }

  std::size_t size() const override { return ends_.back(); }
  Shape sample_shape() const override { return inputs_.front()->volume_shape(); }
  Shape target_shape() const override {
    return has_targets() ? targets_.front()->target_shape() : Shape();
  }
  TargetType target_type() const override {
    const bool holds_integers = has_targets() && targets_.front()->holds_integers();
    return holds_integers ? TargetType::kIntegers : TargetType::kFloats;
  }
  bool has_targets() const override { return !targets_.empty(); }
  const std::vector<VolumeSource>& sources() const override { return sources_; }

  void read_sample(std::size_t index, std::span<float> sample) const override {
    const std::size_t stack = stack_of(index);
    inputs_[stack]->read(index - begin_of(stack), sample);
  }
  void read_target(std::size_t index, std::span<float> target) const override {
    assert(has_targets());
    const std::size_t stack = stack_of(index);
    targets_[stack]->read(index - begin_of(stack), target);
  }
  std::string target_place(std::size_t index) const override {
    const std::size_t stack = stack_of(index);
    const Stack& named = has_targets() ? *targets_[stack] : *inputs_[stack];
    return named.place() + ", sample " + std::to_string(index - begin_of(stack));
  }

 private:
  void add(const hdf5::File& file, const DatasetPair& pair, const std::string& axes) {
    inputs_.push_back(open_input(file, pair.input, axes));
    const Stack& input = *inputs_.back();
    check_input_like(input, *inputs_.front());
    ends_.push_back((ends_.empty() ? 0 : ends_.back()) + input.samples());
    sources_.push_back({file.path(), pair.input, input.samples()});
    if (pair.target.empty()) return;
    targets_.push_back(open_target(file, pair.target, input));
    check_target_like(*targets_.back(), *targets_.front());
  }

  void close_all() {
    for (const auto& stack : inputs_) stack->close();
    for (const auto& stack : targets_) stack->close();
  }

  std::size_t stored_bytes() const {
    std::size_t bytes = 0;
    for (const auto& stack : inputs_) bytes += stack->stored_bytes();
    for (const auto& stack : targets_) bytes += stack->stored_bytes();
    return bytes;
  }

  std::size_t stack_of(std::size_t index) const {
    assert(index < size());
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), index) -
                                    ends_.begin());
  }
  std::size_t begin_of(std::size_t stack) const { return stack == 0 ? 0 : ends_[stack - 1]; }

  Stacks inputs_, targets_;
  std::vector<std::size_t> ends_;  // of each stack, in samples
  std::vector<VolumeSource> sources_;
};

}  // namespace

std::unique_ptr<Volumes> open_volumes(const VolumesConfig& config,
                                      const std::vector<std::filesystem::path>& files,
                                      std::size_t cache_bytes) {
  assert(!files.empty());
  return std::make_unique<StoredVolumes>(config, files, cache_bytes);
}

}  // namespace lucid
