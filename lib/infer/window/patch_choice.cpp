#include "infer/window/patch_choice.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "base/text.h"

namespace lucid {
namespace {

std::int64_t rounded_up(std::int64_t voxels, std::int64_t stride) {
  return (voxels + stride - 1) / stride * stride;
}

double voxels_of(const Triple& size) {
  return static_cast<double>(size[0]) * static_cast<double>(size[1]) * static_cast<double>(size[2]);
}

class Choice {
 public:
  Choice(const PatchLimits& limits, const ReceptiveField& field) : limits_(limits), field_(field) {
    const auto smallest = std::min<std::int64_t>(kSmallest, largest_side());
    const Triple probe = cube(smallest), other = cube(2 * smallest);
    const std::size_t least = limits.plan_bytes(probe), more = limits.plan_bytes(other);
    const double voxels = voxels_of(other) - voxels_of(probe);
    if (least == PatchLimits::kTooMuch || more == PatchLimits::kTooMuch || voxels <= 0) return;
    slope_ = (static_cast<double>(more) - static_cast<double>(least)) / voxels;
    base_ = static_cast<double>(least) - slope_ * voxels_of(probe);
  }

  // Estimates plans as linear in their voxels first: compiling all of them would take minutes.
  Triple largest() const {
    for (std::int64_t side = std::min(kLargest, largest_side()); side > 0; side -= step()) {
      const Triple size = cube(side);
      const double estimate =
          base_ + slope_ * voxels_of(size) + static_cast<double>(limits_.volume_bytes(size));
      constexpr double kDoubt = 0.9;
      if (kDoubt * estimate > static_cast<double>(limits_.memory_bytes)) continue;
      if (limits_.plan_bytes(size) + limits_.volume_bytes(size) <= limits_.memory_bytes)
        return size;
    }
    const Triple least = cube(1);
    throw Error(ExitCode::kUsage,
                "--memory: expected at least " +
                    bytes_text(limits_.plan_bytes(least) + limits_.volume_bytes(least)) +
                    " for windows of " + std::to_string(least[0]) + "x" + std::to_string(least[1]) +
                    "x" + std::to_string(least[2]) + ", found " + bytes_text(limits_.memory_bytes));
  }

 private:
  static constexpr std::int64_t kSmallest = 32, kLargest = 256;

  std::int64_t step() const {
    return std::max({field_.axes[0].stride, field_.axes[1].stride, field_.axes[2].stride});
  }
  std::int64_t largest_side() const { return *std::ranges::max_element(limits_.largest); }
  Triple cube(std::int64_t side) const {
    Triple size{};
    for (std::size_t axis = 0; axis < 3; ++axis)
      size[axis] = rounded_up(std::min(side, limits_.largest[axis]), field_.axes[axis].stride);
    return size;
  }

  const PatchLimits& limits_;
  const ReceptiveField& field_;
  double base_ = 0, slope_ = 0;
};

}  // namespace

Triple choose_patch(const PatchLimits& limits, const ReceptiveField& field) {
  return Choice(limits, field).largest();
}

std::size_t half_of_memory() {
  auto bytes = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
               static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
  // The file holds "max" if there is no limit.
  std::ifstream limit("/sys/fs/cgroup/memory.max");
  if (std::size_t most = 0; limit >> most) bytes = std::min(bytes, most);
  return bytes / 2;
}

}  // namespace lucid
