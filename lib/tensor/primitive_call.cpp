#include "tensor/primitive_call.h"

#include <algorithm>
#include <cassert>

namespace lucid {

void PrimitiveCall::add(int role, const dnnl::memory& memory) {
  memories_.push_back(memory);
  arguments_.push_back({role, memory.get()});
}

void PrimitiveCall::place(int role, void* storage) const {
  const auto at = std::ranges::find(arguments_, role, &dnnl_exec_arg_t::arg);
  assert(at != arguments_.end());
  memories_[static_cast<std::size_t>(at - arguments_.begin())].set_data_handle(storage);
}

void PrimitiveCall::run(const dnnl::stream& stream) const {
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()),
                             arguments_.data()),
      "could not execute a primitive");
}

}  // namespace lucid
