#include "plan/storage_use.h"

#include <cassert>

namespace lucid {
namespace {

// The flops that a processor computes while it moves a byte. A constant, so that every machine
// chooses alike.
constexpr double kFlopsPerByte = 6;

double cost_of(const Recording& recording, const RecordedStep& step) {
  double bytes = step.flops / kFlopsPerByte;
  for (const Argument& argument : step.arguments)
    bytes += static_cast<double>(recording.layout(argument.value).get_size());
  return bytes;
}

}  // namespace

StorageUse storage_use(const Recording& recording, std::size_t backward_begin) {
  StorageUse use{backward_begin, {}, {}};
  for (const Recording::ValueInfo& info : recording.values())
    use.storages.push_back({info.layout.get_size(), {}, 0, false});
  for (std::size_t at = 0; at < recording.steps().size(); ++at) {
    const RecordedStep& step = recording.steps()[at];
    StorageUse::Step& used = use.steps.emplace_back();
    used.cost = cost_of(recording, step);
    const bool is_forward = at < backward_begin;
    std::vector<int> written;
    for (const Argument& argument : step.arguments) {
      const bool is_bound = recording.is_bound(argument.value);
      const int root = is_bound ? StorageUse::kBound : recording.root(argument.value).id;
      const std::size_t begin = recording.place(argument.value).second;
      used.storage.push_back(root);
      used.range.push_back({begin, begin + recording.layout(argument.value).get_size()});
      used.is_written.push_back(is_forward && !is_bound && writes(argument.access));
      if (used.is_written.back()) written.push_back(root);
      if (is_bound) continue;
      StorageUse::Storage& storage = use.storages[static_cast<std::size_t>(root)];
      assert(!is_forward || used.is_written.back() || !storage.writers.empty());
      if (is_forward)
        storage.last_forward = at;
      else
        storage.is_used_backward = true;
    }
    for (const int root : written) {
      auto& writers = use.storages[static_cast<std::size_t>(root)].writers;
      if (writers.empty() || writers.back() != at) writers.push_back(at);
      use.storages[static_cast<std::size_t>(root)].is_synchronized |=
          static_cast<bool>(step.synchronization);
    }
  }
  return use;
}

}  // namespace lucid
