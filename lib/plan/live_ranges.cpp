#include "plan/live_ranges.h"

#include <algorithm>
#include <limits>

namespace lucid {

std::vector<LiveRange> live_ranges(const std::vector<LiveRange>& touched) {
  std::vector<std::size_t> cuts;
  for (const LiveRange& range : touched) cuts.insert(cuts.end(), {range.begin, range.end});
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::vector<LiveRange> ranges;
  if (cuts.size() == 1) cuts.push_back(cuts.front());  // zero bytes still need an offset
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    LiveRange range{cuts[i], cuts[i + 1], std::numeric_limits<int>::max(), -1};
    for (const LiveRange& each : touched) {
      if (each.begin > range.begin || each.end < range.end) continue;
      range.first_step = std::min(range.first_step, each.first_step);
      range.last_step = std::max(range.last_step, each.last_step);
    }
    if (range.last_step >= 0) ranges.push_back(range);
  }
  return ranges;
}

std::vector<Buffer> buffers_of(const Recording& recording) {
  std::vector<Buffer> buffers;
  for (const Recording::ValueInfo& info : recording.values())
    buffers.push_back({info.layout.get_size(), {}});
  int at = 0;
  for (const RecordedStep& step : recording.steps()) {
    for (const Argument& argument : step.arguments) {
      const auto [root, begin] = recording.place(argument.value);
      buffers[static_cast<std::size_t>(root)].ranges.push_back(
          {begin, begin + recording.layout(argument.value).get_size(), at, at});
    }
    ++at;
  }
  for (Buffer& buffer : buffers) buffer.ranges = live_ranges(buffer.ranges);
  return buffers;
}

}  // namespace lucid
