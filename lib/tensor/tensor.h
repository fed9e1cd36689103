#pragma once

#include <span>
#include <vector>

#include "tensor/engine.h"

namespace lucid {

using Layout = onednn::Layout;

// A buffer and its layout. Copies share the buffer, as dnnl::memory does.
class Tensor {
 public:
  Tensor() = default;
  Tensor(const Engine& engine, const Layout& layout);  // owns its buffer, zero-filled
  Tensor(const Engine& engine, const Layout& layout, void* storage);  // a view of `storage`

  const Layout& layout() const { return layout_; }
  const dnnl::memory& memory() const { return memory_; }
  // Returns the elements of a float tensor in storage order, padding included: element i is not
  // voxel i unless the layout is plain.
  std::span<float> values();
  std::span<const float> values() const;
  std::size_t bytes() const { return layout_.get_size(); }
  explicit operator bool() const { return static_cast<bool>(memory_); }

  // Copies a tensor of the same extents and reorders it if the layouts differ.
  void copy_from(Engine& engine, const Tensor& source);
  void assign(Engine& engine, std::span<const float> plain);  // from elements in plain order
  std::vector<float> plain_values(Engine& engine) const;      // in plain order

 private:
  Layout layout_;
  dnnl::memory memory_;
};

}  // namespace lucid
