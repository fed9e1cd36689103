#pragma once

#include <string>

#include "tensor/onednn.h"

namespace lucid {

// OMP_NUM_THREADS, else one for each core that the process may keep busy: two hyperthreads would
// share one core's multipliers. Nothing pins them, so that several processes may share a machine.
int default_threads();

// Where steps run: the processor, with a number of threads. Passed by reference; there is no global
// one. Making an engine sets OpenMP's thread count for the calling thread, which oneDNN reads when
// primitives are made and run.
class Engine {
 public:
  explicit Engine(int threads = 0);  // 0: default_threads()
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const dnnl::engine& device() const { return device_; }
  dnnl::stream& stream() { return stream_; }
  int threads() const { return threads_; }
  std::string describe() const;  // "oneDNN 2.6.3, AVX2, 2 threads"

 private:
  int threads_;
  dnnl::engine device_;
  dnnl::stream stream_;
};

}  // namespace lucid
