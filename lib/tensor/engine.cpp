#include "tensor/engine.h"

#include <omp.h>

#include <cstdlib>

#include "base/cores.h"
#include "base/limits.h"

namespace lucid {
namespace {

// OpenMP ends the program if it cannot start a thread, so they are tried first, and then started
// while they can be.
int claim_threads(int wanted) {
  omp_set_dynamic(0);  // a varying number of threads would change the order of sums
  omp_set_num_threads(wanted > 0 ? wanted : default_threads());
  const int threads = omp_get_max_threads();
  check_threads(threads - 1);
#pragma omp parallel
  { static_cast<void>(omp_get_thread_num()); }
  return threads;
}

}  // namespace

int default_threads() {
  return std::getenv("OMP_NUM_THREADS") != nullptr ? omp_get_max_threads() : usable_cores();
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
