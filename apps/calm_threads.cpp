#include "calm_threads.h"

#include <unistd.h>

#include <cstdlib>

namespace lucid {

void calm_threads(char** argv) {
  constexpr const char* kSpins = "2000";
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (setenv("GOMP_SPINCOUNT", kSpins, 1) != 0) return;
  execv("/proc/self/exe",
        argv);  // comes back only where that is not possible, and then nothing is lost
}

}  // namespace lucid
