#include "limit_spinning.h"

#include <unistd.h>

#include <cstdlib>

namespace lucid {

void limit_spinning(char** argv) {
  constexpr const char* kSpinLimit = "2000";
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (setenv("GOMP_SPINCOUNT", kSpinLimit, 1) != 0) return;
  // Returns only if it fails; then the program continues with the default.
  execv("/proc/self/exe", argv);
}

}  // namespace lucid
