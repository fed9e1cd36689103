#include "tensor/tensor.h"

#include <cassert>
#include <cstring>
#include <new>

namespace lucid {
namespace {

dnnl::memory allocate(const Engine& engine, const Layout& layout) {
  try {
    return {layout, engine.device()};
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
    throw;
  }
}

}  // namespace

Tensor::Tensor(const Engine& engine, const Layout& layout)
    : layout_(layout), memory_(allocate(engine, layout)) {
  std::memset(memory_.get_data_handle(), 0, bytes());
}

Tensor::Tensor(const Engine& engine, const Layout& layout, void* storage)
    : layout_(layout), memory_(layout, engine.device(), storage) {}

std::span<float> Tensor::values() {
  assert(onednn::data_type(layout_) == onednn::kFloat);
  return {static_cast<float*>(memory_.get_data_handle()), bytes() / sizeof(float)};
}

std::span<const float> Tensor::values() const {
  assert(onednn::data_type(layout_) == onednn::kFloat);
  return {static_cast<const float*>(memory_.get_data_handle()), bytes() / sizeof(float)};
}

void Tensor::copy_from(Engine& engine, const Tensor& source) {
  assert(onednn::extents(layout_) == onednn::extents(source.layout_));
  if (layout_ == source.layout_) {
    std::memcpy(memory_.get_data_handle(), source.memory_.get_data_handle(), bytes());
    return;
  }
  dnnl::memory from = source.memory_, to = memory_;
  dnnl::reorder(from, to).execute(engine.stream(), from, to);
  engine.stream().wait();
}

void Tensor::assign(Engine& engine, std::span<const float> plain) {
  const Layout layout = onednn::plain_layout(onednn::extents(layout_));
  assert(plain.size() * sizeof(float) == layout.get_size());
  // oneDNN's views are not const, but the source of a reorder is only read.
  copy_from(engine, Tensor(engine, layout, const_cast<float*>(plain.data())));
}

std::vector<float> Tensor::plain_values(Engine& engine) const {
  const Layout layout = onednn::plain_layout(onednn::extents(layout_));
  std::vector<float> plain(layout.get_size() / sizeof(float));
  Tensor(engine, layout, plain.data()).copy_from(engine, *this);
  return plain;
}

}  // namespace lucid
