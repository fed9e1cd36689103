#include "tensor/engine.h"

#include <omp.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/cores.h"
#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

int claim_threads(int wanted) {
  omp_set_dynamic(0);  // a varying number of threads would change the order of sums
  const int count = wanted > 0 ? wanted : default_threads();
  omp_set_num_threads(std::min(count, omp_get_thread_limit()));
  return omp_get_max_threads();
}

// OpenMP takes any number, and ends the program when it cannot start so many threads.
void check_environment(std::string_view text) {
  constexpr int kMost = 4096;
  std::string_view first = text.substr(0, text.find(','));  // then nested levels follow
  while (first.starts_with(' ')) first.remove_prefix(1);
  while (first.ends_with(' ')) first.remove_suffix(1);
  int count = 0;
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), count);
  if (error == std::errc() && end == first.data() + first.size() && count >= 1 && count <= kMost)
    return;
  throw Error(ExitCode::kUsage,
              "OMP_NUM_THREADS: expected an integer from 1 to 4096, found " + in_quotes(text));
}

}  // namespace

int default_threads() {
  const char* wanted = std::getenv("OMP_NUM_THREADS");
  if (wanted == nullptr || *wanted == '\0') return std::min(usable_cores(), omp_get_thread_limit());
  check_environment(wanted);
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
