#include "base/machine/cores.h"

#include <sched.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/text.h"

namespace lucid {
namespace {

using std::filesystem::path;

// Masks may be larger than CPU_SETSIZE.
constexpr int kMostProcessors = 1 << 16;

struct FreeSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};
using Set = std::unique_ptr<cpu_set_t, FreeSet>;

std::string first_line(const path& file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

// Identifies a core by the list of its hyperthreads; a processor without such a list counts as a
// core.
int count_cores(std::span<const int> processors, const path& root) {
  std::set<std::string> cores;
  for (const int processor : processors) {
    const std::string number = std::to_string(processor);
    const std::string siblings = first_line(root / "sys/devices/system/cpu" / ("cpu" + number) /
                                            "topology/thread_siblings_list");
    cores.insert(siblings.empty() ? number : siblings);
  }
  return static_cast<int>(cores.size());
}

// Reads a quota and its period: "150000" of "100000" microseconds grant 1.5 processors; "max" and
// "-1" set no limit.
double processors_granted(const std::string& quota, const std::string& period) try {
  const double granted = std::stod(quota), of = std::stod(period);
  return granted > 0 && of > 0 ? granted / of : std::numeric_limits<double>::infinity();
} catch (const std::logic_error&) {
  return std::numeric_limits<double>::infinity();
}

double granted_to(const path& group) {
  const std::vector<std::string> both = split(first_line(group / "cpu.max"), ' ');
  if (both.size() == 2) return processors_granted(both[0], both[1]);
  return processors_granted(first_line(group / "cpu.cfs_quota_us"),
                            first_line(group / "cpu.cfs_period_us"));
}

// A group gets no more time than its ancestors. In a container its name may be the host's; then the
// mounted root is the group itself.
double granted_up_from(const path& mount, const path& group) {
  double least = granted_to(mount);
  path at = mount;
  for (const path& part : group.relative_path()) {
    at /= part;
    least = std::min(least, granted_to(at));
  }
  return least;
}

// Lines are "0::/group" (version 2) and "4:cpu,cpuacct:/group" (version 1).
double granted_to_process(const path& root) {
  double least = std::numeric_limits<double>::infinity();
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::vector<std::string> parts = split(line, ':');
    if (parts.size() != 3) continue;
    const std::vector<std::string> controllers = split(parts[1], ',');
    const bool is_second = parts[1].empty();
    if (!is_second && std::ranges::find(controllers, "cpu") == controllers.end()) continue;
    const path mount = root / "sys/fs/cgroup" / (is_second ? "" : "cpu");
    least = std::min(least, granted_up_from(mount, parts[2]));
  }
  return least;
}

}  // namespace

std::vector<int> allowed_processors() {
  for (int count = CPU_SETSIZE; count <= kMostProcessors; count *= 2) {
    const Set set(CPU_ALLOC(count));
    const std::size_t bytes = CPU_ALLOC_SIZE(count);
    if (set == nullptr || sched_getaffinity(0, bytes, set.get()) != 0) continue;
    std::vector<int> processors;
    for (int i = 0; i < count; ++i)
      if (CPU_ISSET_S(i, bytes, set.get())) processors.push_back(i);
    return processors;
  }
  return {};
}

// The kernel takes from a mask what the control groups do not allow. A thread has a mask of its
// own.
std::vector<int> host_processors() {
  std::vector<int> processors;
  std::thread([&] {
    const Set all(CPU_ALLOC(kMostProcessors));
    if (all == nullptr) return;
    const std::size_t bytes = CPU_ALLOC_SIZE(kMostProcessors);
    std::memset(all.get(), 0xff, bytes);
    sched_setaffinity(0, bytes, all.get());
    processors = allowed_processors();
  }).join();
  return processors;
}

int usable_cores() { return usable_cores(allowed_processors(), "/"); }

// Rounds down: a thread with part of a processor's time would delay all others at every barrier.
int usable_cores(std::span<const int> processors, const path& root) {
  const int cores = std::max(1, count_cores(processors, root));
  return static_cast<int>(std::clamp(granted_to_process(root), 1.0, static_cast<double>(cores)));
}

}  // namespace lucid
