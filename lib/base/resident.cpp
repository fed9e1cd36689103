#include "base/resident.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace lucid {

std::size_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      std::size_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  return 0;
}

bool restart_peak_resident() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::ofstream request("/proc/self/clear_refs");
  return static_cast<bool>(request << "5" << std::flush);
}

}  // namespace lucid
