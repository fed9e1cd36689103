#pragma once

#include <string>

#include "tensor/onednn.h"

namespace lucid {

// Returns OMP_NUM_THREADS or, if it is not set, one thread for each core that the process may keep
// busy: hyperthreads share the FMA units of a core. Threads are not pinned, so that several
// processes can share a machine.
int default_threads();

// The processor that steps run on, with a number of threads. Passed by reference; there is no
// global engine. Making one sets OpenMP's thread count for the calling thread, which oneDNN reads
// when primitives are created and executed.
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
