#pragma once

#include <vector>

#include "tensor/onednn.h"

namespace lucid {

// A primitive with what it reads and writes, listed once: running it allocates nothing, but for
// what oneDNN does within. Copies share memories, as dnnl::memory does.
class PrimitiveCall {
 public:
  PrimitiveCall() = default;
  explicit PrimitiveCall(dnnl::primitive primitive) : primitive_(std::move(primitive)) {}

  explicit operator bool() const { return static_cast<bool>(primitive_); }
  void add(int role, const dnnl::memory& memory);
  void place(int role, void* storage) const;  // where that argument lies from now on
  void run(const dnnl::stream& stream) const;

 private:
  dnnl::primitive primitive_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;  // the same, as dnnl::primitive makes them at every call
};

}  // namespace lucid
