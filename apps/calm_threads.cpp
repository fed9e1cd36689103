#include "calm_threads.h"

#include <unistd.h>

#include <cstdlib>

namespace lucid {

void calm_threads(char** argv) {
  constexpr const char* kSpins = "2000";
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (setenv("GOMP_SPINCOUNT", kSpins, 1) != 0) return;
  // Returns only if it fails; then the program continues with the default.
  execv("/proc/self/exe", argv);
}

}  // namespace lucid
