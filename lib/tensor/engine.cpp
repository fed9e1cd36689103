#include "tensor/engine.h"

#include <omp.h>

namespace lucid {
namespace {

int claim_threads(int wanted) {
  omp_set_dynamic(0);  // a varying thread count would vary the order of sums
  if (wanted > 0) omp_set_num_threads(wanted);
  return omp_get_max_threads();
}

std::string isa_name() {
  using dnnl::cpu_isa;
  const cpu_isa isa = dnnl::get_effective_cpu_isa();
  if (isa == cpu_isa::sse41) return "SSE4.1";
  if (isa == cpu_isa::avx) return "AVX";
  if (isa == cpu_isa::avx2) return "AVX2";
  if (isa == cpu_isa::avx512_core) return "AVX-512";
  if (isa == cpu_isa::avx512_core_vnni) return "AVX-512 VNNI";
  if (isa == cpu_isa::avx512_core_bf16) return "AVX-512 BF16";
  if (isa == cpu_isa::avx512_core_amx) return "AVX-512 AMX";
  return "CPU instruction set " + std::to_string(static_cast<int>(isa));
}

}  // namespace

Engine::Engine(int threads)
    : threads_(claim_threads(threads)), device_(dnnl::engine::kind::cpu, 0), stream_(device_) {}

std::string Engine::describe() const {
  const dnnl_version_t* version = dnnl_version();
  return "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch) + ", " + isa_name() + ", " + std::to_string(threads_) +
         (threads_ == 1 ? " thread" : " threads");
}

}  // namespace lucid
