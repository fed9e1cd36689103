#include "plan/recompute_choice.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "plan/recompute.h"

namespace lucid {
namespace {

struct Choice {
  Kept kept;
  std::size_t bytes = 0;  // alive in the busiest step
  double cost = 0;        // of all recomputed steps
};

std::vector<Buffer> used_buffers(const StorageUse& use, const RecomputeSchedule& schedule) {
  std::vector<Buffer> buffers = buffers_of(use, schedule);
  std::erase_if(buffers, [](const Buffer& buffer) { return buffer.ranges.empty(); });
  return buffers;
}

// Memory is not monotonic in what is kept, because everything that is recomputed together is alive
// together. So the search begins with whole segments, whose borders are kept, and then changes one
// storage at a time.
class Search {
 public:
  explicit Search(const StorageUse& use);

  Choice smallest() const;
  std::optional<Choice> cheapest(std::size_t budget_bytes) const;

 private:
  Choice choice(Kept kept) const;
  Choice segments(std::size_t segment_bytes) const;
  std::vector<Choice> all_segments() const;
  Choice shrunk(Choice best) const;
  Choice cheapened(Choice choice, std::size_t budget_bytes) const;

  const StorageUse& use_;
  Kept used_backward_;
  std::vector<int> largest_;  // storages worth a decision, in descending order of bytes
  std::size_t bytes_ = 0;     // of all storage that the backward pass uses
};

Search::Search(const StorageUse& use) : use_(use), used_backward_(keep_what_is_used(use)) {
  constexpr std::size_t kMost = 200,
                        kWorthwhile =
                            1000;  // how many storages at most; their least share of the sum
  for (std::size_t i = 0; i < use.storages.size(); ++i) {
    if (!use.is_forward(static_cast<int>(i))) continue;
    largest_.push_back(static_cast<int>(i));
    if (used_backward_[i]) bytes_ += use.storages[i].bytes;
  }
  const auto bytes_of = [&](int i) { return use.storages[static_cast<std::size_t>(i)].bytes; };
  std::erase_if(largest_, [&](int i) { return bytes_of(i) < bytes_ / kWorthwhile; });
  std::ranges::stable_sort(largest_, std::greater<>(), bytes_of);
  if (largest_.size() > kMost) largest_.resize(kMost);
}

Choice Search::choice(Kept kept) const {
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (use_.storages[i].is_synchronized) kept[i] = true;
  const RecomputeSchedule schedule = lucid::schedule(use_, kept);
  Choice result{std::move(kept), busiest_step_bytes(used_buffers(use_, schedule)), 0};
  for (const ScheduledStep& step : schedule.steps)
    if (step.is_recomputed) result.cost += use_.steps[step.step].cost;
  return result;
}

// Splits the forward pass into segments of consecutive steps that each leave so many bytes to the
// backward pass. Storage that a later segment reads is kept.
Choice Search::segments(std::size_t segment_bytes) const {
  std::vector<std::size_t> segment_of(use_.backward_begin, 0);
  std::vector<std::size_t> written(use_.backward_begin, 0);
  for (std::size_t i = 0; i < use_.storages.size(); ++i)
    if (used_backward_[i] && use_.is_forward(static_cast<int>(i)))
      written[use_.storages[i].writers.front()] += use_.storages[i].bytes;
  std::size_t sum = 0, segment = 0;
  for (std::size_t at = 0; at < use_.backward_begin; ++at) {
    sum += written[at];
    segment_of[at] = segment;
    if (sum < segment_bytes) continue;
    sum = 0;
    ++segment;
  }
  Kept kept = used_backward_;
  for (std::size_t i = 0; i < use_.storages.size(); ++i) {
    if (!use_.is_forward(static_cast<int>(i))) continue;
    const StorageUse::Storage& storage = use_.storages[i];
    kept[i] = segment_of[storage.writers.front()] != segment_of[storage.last_forward];
  }
  return choice(std::move(kept));
}

// Tries no recomputation at all, then segments of ever fewer bytes.
std::vector<Choice> Search::all_segments() const {
  constexpr int kSizes = 16;
  std::vector<Choice> all{choice(used_backward_)};
  auto bytes = static_cast<double>(bytes_);
  for (int i = 0; i < kSizes; ++i, bytes *= 0.7)
    all.push_back(segments(static_cast<std::size_t>(bytes)));
  return all;
}

bool is_smaller(const Choice& a, const Choice& b) {
  return std::pair(a.bytes, a.cost) < std::pair(b.bytes, b.cost);
}

Choice Search::smallest() const {
  std::vector<Choice> starts = all_segments();
  for (Choice& start : starts) start = shrunk(std::move(start));
  return *std::ranges::min_element(starts, is_smaller);
}

// Changes one storage at a time as long as memory shrinks.
Choice Search::shrunk(Choice best) const {
  constexpr int kPasses = 4;
  bool is_changed = true;
  for (int pass = 0; pass < kPasses && is_changed; ++pass) {
    is_changed = false;
    for (const int storage : largest_) {
      Kept kept = best.kept;
      kept[static_cast<std::size_t>(storage)].flip();
      Choice other = choice(std::move(kept));
      if (!is_smaller(other, best)) continue;
      best = std::move(other);
      is_changed = true;
    }
  }
  return best;
}

// Keeps more storage while the budget allows it, the most expensive to recompute first.
Choice Search::cheapened(Choice start, std::size_t budget_bytes) const {
  std::vector<std::pair<double, int>> savings;
  for (const int storage : largest_) {
    double cost = 0;
    for (const std::size_t writer : use_.storages[static_cast<std::size_t>(storage)].writers)
      cost += use_.steps[writer].cost;
    if (!start.kept[static_cast<std::size_t>(storage)]) savings.push_back({cost, storage});
  }
  std::ranges::stable_sort(savings, [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [cost, storage] : savings) {
    Kept kept = start.kept;
    kept[static_cast<std::size_t>(storage)] = true;
    Choice other = choice(std::move(kept));
    if (other.bytes <= budget_bytes && other.cost < start.cost) start = std::move(other);
  }
  return start;
}

std::optional<Choice> Search::cheapest(std::size_t budget_bytes) const {
  std::vector<Choice> starts = all_segments();
  for (std::size_t i = 0, count = starts.size(); i < count; ++i)
    starts.push_back(shrunk(starts[i]));
  std::erase_if(starts, [&](const Choice& start) { return start.bytes > budget_bytes; });
  if (starts.empty()) return std::nullopt;
  for (Choice& start : starts) start = cheapened(std::move(start), budget_bytes);
  return *std::ranges::min_element(
      starts, [](const Choice& a, const Choice& b) { return a.cost < b.cost; });
}

std::size_t arena_bytes(const StorageUse& use, const RecomputeSchedule& schedule) {
  return place(used_buffers(use, schedule)).total;
}

// Empty when nothing fits.
std::optional<RecomputeSchedule> fitting(const StorageUse& use, std::size_t budget_bytes) {
  const Search search(use);
  // Buffers may leave holes; then it has to be that much less.
  for (std::size_t wanted = budget_bytes;;) {
    const std::optional<Choice> found = search.cheapest(wanted);
    if (!found) return std::nullopt;
    RecomputeSchedule result = schedule(use, found->kept);
    const std::size_t placed = arena_bytes(use, result);
    if (placed <= budget_bytes) return result;
    if (placed - budget_bytes >= wanted) return std::nullopt;
    wanted -= placed - budget_bytes;
  }
}

}  // namespace

void recompute_to_fit(Recording& recording, std::size_t backward_begin, std::size_t budget_bytes,
                      std::size_t tensor_bytes) {
  const StorageUse use = storage_use(recording, backward_begin);
  const std::size_t fixed_bytes = recording.scratchpad_bytes() + tensor_bytes;
  if (budget_bytes > fixed_bytes)
    if (const auto found = fitting(use, budget_bytes - fixed_bytes))
      return apply(recording, *found);
  const RecomputeSchedule smallest = schedule(use, Search(use).smallest().kept);
  if (budget_bytes == 0) return apply(recording, smallest);
  throw BudgetError(ExitCode::kUsage,
                    "expected at least " + bytes_text(arena_bytes(use, smallest) + fixed_bytes) +
                        ", the least that recomputing leaves of a training step, found " +
                        bytes_text(budget_bytes));
}

}  // namespace lucid
