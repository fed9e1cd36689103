#include "base/machine/cores.h"

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace lucid::test {
namespace {

// Writes /sys of a machine with `cores` cores and two hyperthreads each: processors i and i + cores
// share a core.
void write_hyperthreads(const TempDir& root, int cores) {
  for (int i = 0; i < 2 * cores; ++i)
    root.write("sys/devices/system/cpu/cpu" + std::to_string(i) + "/topology/thread_siblings_list",
               std::to_string(i % cores) + "," + std::to_string(i % cores + cores) + "\n");
}

std::vector<int> processors(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

TEST_CASE("the hyperthreads of a core count once") {
  const TempDir root;
  write_hyperthreads(root, 4);
  CHECK(usable_cores(processors(8), root.path()) == 4);
}

TEST_CASE("cores that the process may not run on do not count") {
  const TempDir root;
  write_hyperthreads(root, 4);
  CHECK(usable_cores(std::vector{1, 5}, root.path()) == 1);
  CHECK(usable_cores(std::vector{0, 1, 6}, root.path()) == 3);
}

TEST_CASE("processors of a machine that does not describe them count as cores") {
  const TempDir root;
  CHECK(usable_cores(processors(6), root.path()) == 6);
  CHECK(usable_cores({}, root.path()) == 1);
}

TEST_CASE("a control group's quota limits the cores, rounded down") {
  struct Row {
    const char *quota, *period;
    int cores;
  };
  for (const Row& row : std::vector<Row>{{"200000", "100000", 2},
                                         {"375000", "100000", 3},
                                         {"50000", "100000", 1},
                                         {"50000", "10000", 5},
                                         {"9900000", "100000", 8},
                                         {"max", "100000", 8}}) {
    CAPTURE(row.quota);
    const TempDir second, first;
    second.write("proc/self/cgroup", "0::/jobs/one\n");
    second.write("sys/fs/cgroup/jobs/one/cpu.max", std::string(row.quota) + " " + row.period);
    CHECK(usable_cores(processors(8), second.path()) == row.cores);
    const std::string quota = row.quota == std::string("max") ? "-1" : row.quota;
    first.write("proc/self/cgroup", "5:cpuacct,cpu:/jobs\n4:memory:/other\n");
    first.write("sys/fs/cgroup/cpu/jobs/cpu.cfs_quota_us", quota);
    first.write("sys/fs/cgroup/cpu/jobs/cpu.cfs_period_us", row.period);
    CHECK(usable_cores(processors(8), first.path()) == row.cores);
  }
}

TEST_CASE("a control group above limits the cores as well, and one that only the host knows") {
  const TempDir root;
  root.write("proc/self/cgroup", "0::/jobs/one\n");
  root.write("sys/fs/cgroup/jobs/cpu.max", "300000 100000\n");
  root.write("sys/fs/cgroup/jobs/one/cpu.max", "max 100000\n");
  CHECK(usable_cores(processors(8), root.path()) == 3);
  root.write("sys/fs/cgroup/cpu.max", "200000 100000\n");
  CHECK(usable_cores(processors(8), root.path()) == 2);
  root.write("proc/self/cgroup", "0::/docker/0123\n");
  CHECK(usable_cores(processors(8), root.path()) == 2);
}

TEST_CASE("this machine has at least a core") { CHECK(usable_cores() >= 1); }

}  // namespace lucid::test
