#include "base/machine/resident.h"

#include <malloc.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace lucid {

namespace {

// Returns a line of the process's status, such as "VmHWM:   1234 kB", in bytes.
std::size_t status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == name) {
      std::size_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  return 0;
}

}  // namespace

std::size_t peak_resident_bytes() { return status_bytes("VmHWM:"); }

std::size_t resident_bytes() { return status_bytes("VmRSS:"); }

std::size_t machine_memory_bytes() {
  return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::size_t>(sysconf(_SC_PAGE_SIZE));
}

bool restart_peak_resident() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::ofstream request("/proc/self/clear_refs");
  return static_cast<bool>(request << "5" << std::flush);
}

}  // namespace lucid
