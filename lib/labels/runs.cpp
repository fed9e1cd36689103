#include "labels/runs.h"

namespace lucid {
namespace {

// So many voxels are compared at a time, which is vector code.
constexpr std::int64_t kBlock = 16;

template <class Key>
std::int64_t end_of_run(std::span<const Label> row, std::int64_t begin, const Key& key) {
  const auto width = std::ssize(row);
  const Label label = key(row[static_cast<std::size_t>(begin)]);
  std::int64_t at = begin + 1;
  for (; at + kBlock <= width; at += kBlock) {
    Label differs = 0;
    for (std::int64_t i = 0; i < kBlock; ++i)
      differs |= key(row[static_cast<std::size_t>(at + i)]) ^ label;
    if (differs != 0) break;
  }
  while (at < width && key(row[static_cast<std::size_t>(at)]) == label) ++at;
  return at;
}

template <class Key>
void find_runs(std::span<const Label> row, const Key& key, std::vector<LabelRun>& runs) {
  runs.clear();
  for (std::int64_t at = 0, end; at < std::ssize(row); at = end) {
    end = end_of_run(row, at, key);
    runs.push_back({at, end, key(row[static_cast<std::size_t>(at)])});
  }
}

}  // namespace

PlaneRuns::PlaneRuns(const Triple& extents)
    : width_(extents[2]), rows_(static_cast<std::size_t>(extents[1])) {}

void PlaneRuns::find(std::span<const Label> plane, const Reading& reading) {
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t h = 0; h < rows_.size(); ++h) {
    const std::span<const Label> row = plane.subspan(h * width, width);
    if (reading.is_binary)
      find_runs(
          row, [](Label label) { return Label{label != 0}; }, rows_[h]);
    else
      find_runs(
          row, [](Label label) { return label; }, rows_[h]);
  }
}

}  // namespace lucid
