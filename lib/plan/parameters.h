#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "tensor/storage.h"
#include "tensor/tensor.h"

namespace lucid {

// Optimizers walk parameters in blocks of this many elements; sums of blocks are the same for any
// number of threads.
inline constexpr std::int64_t kParameterBlock = 16384;
inline constexpr std::size_t kGradientAlignment = 16;  // floats: a cache line

// Describes a parameter of a layer: PyTorch's name and shape, and its initialization.
struct ParameterSpec {
  std::string name;       // "weight", "bias"
  Shape shape;            // PyTorch's, as files hold it
  double init_bound = 0;  // initialized from U(initial - bound, initial + bound)
  double initial = 0;
  bool is_buffer = false;        // saved with the parameters but not trained: running_mean
  double momentum = 0;           // of a buffer: the weight of a batch's statistics
  bool is_synchronized = false;  // of a buffer: all shards of a batch find the same statistics
};

// A trained tensor or a buffer. value and gradient share one layout, whose extents may differ from
// `shape` (grouped or flattened weights) but whose plain order is the same.
struct Parameter {
  std::string name;  // "conv1/weight"
  Shape shape;
  Tensor value;
  Tensor gradient;  // empty until a training plan binds the parameter
  bool is_buffer = false;
  double momentum = 0;           // as ParameterSpec has it
  bool is_synchronized = false;  // as ParameterSpec has it
  bool is_frozen = false;        // set before a plan is compiled; gets no gradient

  bool is_trained() const { return !is_buffer && !is_frozen; }
};

// Holds all parameters of a model, in the order of its layers. References stay valid as long as
// this object.
class Parameters {
 public:
  void add(Engine& engine, const std::string& layer, const ParameterSpec& spec, std::uint64_t seed);

  auto begin() { return all_.begin(); }
  auto end() { return all_.end(); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }
  std::size_t size() const { return all_.size(); }
  Shape::Extent element_count() const;     // as PyTorch counts: without padding and buffers
  Parameter* find(std::string_view name);  // null when unknown
  Parameter& at(std::string_view name);

  // The layout of the first plan that binds a parameter becomes the layout of its value, gradient
  // and optimizer state.
  void adopt(Engine& engine, Parameter& parameter, const Layout& layout);

  // Moves all gradients there are into one arena: those of `order` first, one after another.
  void pack_gradients(Engine& engine, std::span<Parameter* const> order = {});
  // That arena, padding included: empty before. Each gradient begins at a multiple of
  // kGradientAlignment.
  std::span<float> gradients() { return {gradients_, gradient_count_}; }
  // Where a parameter's gradient ends in it, in floats.
  std::size_t gradient_end(const Parameter& parameter) const;

  // The version increases whenever values change, so that inference plans know when to repack.
  std::uint64_t version() const { return version_; }
  void touch() { ++version_; }

 private:
  std::vector<Parameter> all_;
  std::vector<bool> is_adopted_;
  std::uint64_t version_ = 1;
  Storage gradient_storage_;
  float* gradients_ = nullptr;
  std::size_t gradient_count_ = 0;
};

}  // namespace lucid
