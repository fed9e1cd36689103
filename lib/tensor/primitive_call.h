#pragma once

#include <vector>

#include "tensor/onednn.h"

namespace lucid {

// A primitive with its arguments, listed once. Running it allocates nothing outside of oneDNN.
// Copies share memories, as dnnl::memory does.
class PrimitiveCall {
 public:
  PrimitiveCall() = default;
  explicit PrimitiveCall(dnnl::primitive primitive) : primitive_(std::move(primitive)) {}

  explicit operator bool() const { return static_cast<bool>(primitive_); }
  void add(int role, const dnnl::memory& memory);
  // Moves that argument to other storage.
  void place(int role, void* storage) const;
  void run(const dnnl::stream& stream) const;

 private:
  dnnl::primitive primitive_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t>
      arguments_;  // the same, in the form that dnnl::primitive builds on every call
};

}  // namespace lucid
