#include "tensor/engine.h"

#include <omp.h>

#include <algorithm>
#include <cstdlib>

#include "base/machine/cores.h"
#include "base/machine/limits.h"

namespace lucid {
namespace {

// OpenMP ends the program if it cannot start a thread, so they are tried first, and then started
// while they can be.
int claim_threads(int wanted) {
  omp_set_dynamic(0);  // a varying number of threads would change the order of sums
  const int count = wanted > 0 ? wanted : default_threads();
  omp_set_num_threads(std::min(count, omp_get_thread_limit()));
  const int threads = omp_get_max_threads();
  check_threads(threads - 1);
#pragma omp parallel
  { static_cast<void>(omp_get_thread_num()); }
  return threads;
}

}  // namespace

int default_threads() {
  const char* wanted = std::getenv("OMP_NUM_THREADS");
  if (wanted == nullptr || *wanted == '\0') return std::min(usable_cores(), omp_get_thread_limit());
  return omp_get_max_threads();
}

Engine::Engine(int threads)
    : threads_(claim_threads(threads)), device_(dnnl::engine::kind::cpu, 0), stream_(device_) {}

std::string Engine::describe() const {
  const dnnl_version_t* version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch) + ", " + onednn::instruction_set_name() + ", " +
         std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
}

}  // namespace lucid
