#include "plan/recompute.h"

#include <algorithm>
#include <map>

#include "plan/live_ranges.h"

namespace lucid {
namespace {

class Scheduler {
 public:
  Scheduler(const StorageUse& use, const Kept& kept)
      : use_(use), kept_(kept), copies_(use.storages.size(), kNone) {}

  RecomputeSchedule run() {
    for (std::size_t at = 0; at < use_.backward_begin; ++at)
      schedule_.steps.push_back({at, false, use_.steps[at].storage});
    for (std::size_t at = use_.backward_begin; at < use_.steps.size(); ++at) {
      ScheduledStep step{at, false, {}};
      for (const int storage : use_.steps[at].storage) step.storage.push_back(available(storage));
      schedule_.steps.push_back(std::move(step));
    }
    return std::move(schedule_);
  }

 private:
  static constexpr int kNone = -1;

  int& copy_of(int storage) { return copies_[static_cast<std::size_t>(storage)]; }

  int new_copy(int storage) {
    schedule_.copy_of.push_back(storage);
    return static_cast<int>(use_.storages.size() + schedule_.copy_of.size()) - 1;
  }

  // Returns the storage that holds the contents, after scheduling what recomputes them.
  int available(int storage) {
    if (!use_.is_forward(storage) || kept_[static_cast<std::size_t>(storage)]) return storage;
    if (copy_of(storage) != kNone) return copy_of(storage);
    copy_of(storage) = new_copy(storage);
    for (const std::size_t writer : use_.storages[static_cast<std::size_t>(storage)].writers)
      run_again(writer, storage);
    return copy_of(storage);
  }

  void run_again(std::size_t at, int wanted) {
    const StorageUse::Step& step = use_.steps[at];
    ScheduledStep again{at, true, {}};
    std::map<int, int> results{{wanted, copy_of(wanted)}};
    for (std::size_t i = 0; i < step.storage.size(); ++i) {
      const int storage = step.storage[i];
      if (!step.is_written[i])
        again.storage.push_back(available(storage));
      else if (const auto at_hand = results.find(storage); at_hand != results.end())
        again.storage.push_back(at_hand->second);
      else
        again.storage.push_back(results[storage] = written_beside(storage));
    }
    schedule_.steps.push_back(std::move(again));
  }

  // Returns a copy for a result of a recomputed step that is not the wanted one; a later reader
  // uses it, if there is any.
  int written_beside(int storage) {
    const auto at = static_cast<std::size_t>(storage);
    const int copy = new_copy(storage);
    const bool is_whole = use_.storages[at].writers.size() == 1;
    if (!kept_[at] && copy_of(storage) == kNone && is_whole) copy_of(storage) = copy;
    return copy;
  }

  const StorageUse& use_;
  const Kept& kept_;
  std::vector<int> copies_;  // by storage: its copy, or kNone
  RecomputeSchedule schedule_;
};

// Creates the values of copies when a step first uses them.
class Copies {
 public:
  Copies(Recording& recording, const RecomputeSchedule& schedule)
      : recording_(recording),
        schedule_(schedule),
        first_(static_cast<int>(recording.values().size())) {}

  // Returns the value that replaces `original` when its contents lie in `storage`.
  Value value(Value original, int storage) {
    if (storage < first_) return original;
    const Value root{schedule_.copy_of[static_cast<std::size_t>(storage - first_)]};
    auto& whole = made_[{storage, root.id}];
    if (!whole) whole = recording_.produce(recording_.layout(root));
    auto& copy = made_[{storage, original.id}];
    if (!copy)
      copy = recording_.part(whole, recording_.layout(original), recording_.place(original).second);
    return copy;
  }

 private:
  Recording& recording_;
  const RecomputeSchedule& schedule_;
  int first_;
  std::map<std::pair<int, int>, Value> made_;  // by storage and original
};

}  // namespace

Kept keep_what_is_used(const StorageUse& use) {
  Kept kept;
  for (const StorageUse::Storage& storage : use.storages) kept.push_back(storage.is_used_backward);
  return kept;
}

RecomputeSchedule schedule(const StorageUse& use, const Kept& kept) {
  return Scheduler(use, kept).run();
}

std::vector<Buffer> buffers_of(const StorageUse& use, const RecomputeSchedule& schedule) {
  std::vector<Buffer> buffers;
  for (const StorageUse::Storage& storage : use.storages) buffers.push_back({storage.bytes, {}});
  for (const int storage : schedule.copy_of)
    buffers.push_back({use.storages[static_cast<std::size_t>(storage)].bytes, {}});
  for (int at = 0; at < std::ssize(schedule.steps); ++at) {
    const ScheduledStep& step = schedule.steps[static_cast<std::size_t>(at)];
    for (std::size_t i = 0; i < step.storage.size(); ++i) {
      if (step.storage[i] == StorageUse::kBound) continue;
      const auto [begin, end] = use.steps[step.step].range[i];
      buffers[static_cast<std::size_t>(step.storage[i])].ranges.push_back({begin, end, at, at});
    }
  }
  for (Buffer& buffer : buffers) buffer.ranges = live_ranges(buffer.ranges);
  return buffers;
}

void apply(Recording& recording, const RecomputeSchedule& schedule) {
  Copies copies(recording, schedule);
  std::vector<RecordedStep> steps;
  for (const ScheduledStep& scheduled : schedule.steps) {
    RecordedStep step = recording.steps()[scheduled.step];
    step.is_recomputed = scheduled.is_recomputed;
    for (std::size_t i = 0; i < step.arguments.size(); ++i)
      step.arguments[i].value = copies.value(step.arguments[i].value, scheduled.storage[i]);
    steps.push_back(std::move(step));
  }
  recording.steps() = std::move(steps);
}

}  // namespace lucid
