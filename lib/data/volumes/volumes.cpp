#include "data/volumes/volumes.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"
#include "data/volumes/case_choice.h"
#include "data/volumes/volume_stacks.h"

namespace lucid {
namespace {

void check_input_like(const VolumeStacks& volumes, const VolumeStacks& first) {
  const Shape found = volumes.volume_shape(), expected = first.volume_shape();
  if (found == expected) return;
  fail(volumes.first().place(), "expected samples of " + expected.str() + " as in " +
                                    in_quotes(first.first().place()) + ", found " + found.str());
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
                std::size_t cache_bytes, ChunkCache* cache) {
    std::size_t open_files = 0;
    for (const std::filesystem::path& path : files) {
      const hdf5::File file(path);
      for (VolumeStacks& stacks : open_stacks(file, config)) {
        open_files += stacks.source_files();
        add(std::move(stacks));
        for (Stack* stack : stacks_.back().all())
          if (cache != nullptr) stack->use(*cache);
      }
      if (++open_files > most_open_files()) {
        for_each_stack([](Stack& stack) { stack.close(); });
        open_files = 0;
      }
    }
    choose_cases(config.cases, stacks_);
    for (const VolumeStacks& stacks : stacks_) {
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) + stacks.samples());
      sources_.push_back({stacks.first().file(), stacks.first().dataset(), stacks.samples()});
    }
    keep_what_fits(cache_bytes);
  }

  std::size_t size() const override { return ends_.back(); }
  Shape sample_shape() const override { return stacks_.front().volume_shape(); }
  Shape target_shape() const override {
    return has_targets() ? stacks_.front().target->target_shape() : Shape();
  }
  TargetType target_type() const override {
    const bool holds_integers = has_targets() && stacks_.front().target->holds_integers();
    return holds_integers ? TargetType::kIntegers : TargetType::kFloats;
  }
  bool has_targets() const override { return stacks_.front().target != nullptr; }
  const std::vector<VolumeSource>& sources() const override { return sources_; }

  void read_sample(std::size_t index, std::span<float> sample) const override {
    const std::size_t at = stack_of(index);
    stacks_[at].read_inputs(index - begin_of(at), sample);
  }
  void read_target(std::size_t index, std::span<float> target) const override {
    assert(has_targets());
    const std::size_t at = stack_of(index);
    stacks_[at].target->read(index - begin_of(at), target);
  }
  std::string target_place(std::size_t index) const override {
    if (!has_targets()) return sample_place(index);
    const std::size_t at = stack_of(index);
    return stacks_[at].target->place() + sample_text(at, index);
  }
  std::string sample_place(std::size_t index) const override {
    const std::size_t at = stack_of(index);
    return stacks_[at].first().place() + sample_text(at, index);
  }

  std::vector<SampleOrigin> origins() const override {
    std::vector<SampleOrigin> origins;
    for (const VolumeStacks& stacks : stacks_) {
      const Stack& input = stacks.first();
      for (std::size_t sample = 0; sample < stacks.samples(); ++sample) {
        const std::size_t stored = input.stored_sample(sample);
        if (sample > 0 && origins.back().end == stored) {
          ++origins.back().end;
          continue;
        }
        origins.push_back({input.identity(),
                           input.place(),
                           stored,
                           stored + 1,
                           {},
                           input.stored(),
                           stacks.name,
                           stacks.is_numbered()});
      }
    }
    return origins;
  }
  using Dataset::find_refused;
  std::optional<StoredValue> find_refused(SamplePart part, std::int64_t, std::size_t index,
                                          const ValueRule& rule) const override {
    const std::size_t at = stack_of(index), sample = index - begin_of(at);
    if (part == SamplePart::kTarget)
      return stacks_[at].target->find_refused(sample, std::nullopt, rule, nullptr);
    return stacks_[at].find_refused_input(sample, std::nullopt, rule);
  }

 private:
  void add(VolumeStacks stacks) {
    stacks_.push_back(std::move(stacks));
    const VolumeStacks &added = stacks_.back(), &first = stacks_.front();
    check_input_like(added, first);
    if (added.target) check_target_like(*added.target, *first.target);
  }

  void keep_what_fits(std::size_t left) {
    bool do_fit = true;
    for_each_stack([&](const Stack& stack) {
      do_fit = do_fit && stack.stored_bytes() <= left;
      if (do_fit) left -= stack.stored_bytes();
    });
    if (!do_fit) return;
    for_each_stack([](Stack& stack) { stack.keep_in_memory(); });
  }

  template <class Call>
  void for_each_stack(const Call& call) {
    for (const VolumeStacks& stacks : stacks_)
      for (Stack* stack : stacks.all()) call(*stack);
  }

  std::size_t stack_of(std::size_t index) const {
    assert(index < size());
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), index) -
                                    ends_.begin());
  }
  std::string sample_text(std::size_t stack, std::size_t index) const {
    return ", sample " +
           std::to_string(stacks_[stack].first().stored_sample(index - begin_of(stack)));
  }
  std::size_t begin_of(std::size_t stack) const { return stack == 0 ? 0 : ends_[stack - 1]; }

  std::vector<VolumeStacks> stacks_;
  std::vector<std::size_t> ends_;  // of each stack, in samples
  std::vector<VolumeSource> sources_;
};

}  // namespace

std::unique_ptr<Volumes> open_volumes(const VolumesConfig& config,
                                      const std::vector<std::filesystem::path>& files,
                                      std::size_t cache_bytes, ChunkCache* cache) {
  assert(!files.empty());
  return std::make_unique<StoredVolumes>(config, files, cache_bytes, cache);
}

}  // namespace lucid
