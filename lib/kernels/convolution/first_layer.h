#pragma once

#include <cstdint>

#include "base/triple.h"

// Convolutions of a few channels in plain order, as networks begin with, by Winograd's F(4x4, 3x3)
// over depth and height: 36 products instead of 144 of a kernel of 3x3x3. Along the width the
// products stay a direct convolution, so that the transforms of x work on whole rows as they lie,
// and no lane is left empty.
//
// A stride of 2 in depth or height splits the rows of x into phases, every other row each, which
// are channels of their own. Of a kernel of 5 taps, the even rows meet 3 taps and the odd ones 2,
// with stride 1. The products of all phases are summed before the one inverse transform.
namespace lucid {

// Describes such a convolution. y is (samples, blocks, D, H, W, lanes).
struct FirstLayer {
  static constexpr std::int64_t kMostChannels = 4;  // whose sums fit the registers

  std::int64_t lanes = 16, samples = 1, inputs = 1, outputs = 1;
  Triple input{}, output{}, padding{};  // padding: before the volume
  Triple kernel{3, 3, 3}, stride{1, 1, 1};

  // Whether the kernels hold it: at most 3 taps of each phase of rows, and along the width 3 taps,
  // or 3 to 6 with stride 2.
  bool is_possible() const;

  std::int64_t phases() const { return stride[0] * stride[1]; }
  std::int64_t channels() const { return inputs * phases(); }
  std::int64_t blocks() const { return (outputs + lanes - 1) / lanes; }
  std::int64_t weight_floats() const;  // transformed
  // Floats that a thread needs: transformed rows of x, products, a row of zeros.
  std::int64_t thread_floats() const;
  std::int64_t kernel_rows() const { return kernel[0] * kernel[1]; }  // of taps along the width
  // The products of outputs over those of a direct convolution; for what is possible only.
  double share_of_products() const;
};

// `weights`: (outputs, inputs, kernel), to the transformed ones.
void transform_first_layer(const FirstLayer& layer, const float* weights, float* transformed);

// y = x * weights + bias (null: none); what is below 0 is multiplied by the slope. `workspace`:
// thread_floats() for each thread.
void first_layer_forward(const FirstLayer& layer, int threads, const float* x, const float* weights,
                         const float* bias, float slope, float* y, float* workspace);

// The same with a max pooling of 2x2x2 voxels, side by side, behind it; `index` (null: none) gets
// the places of the maxima, in the order of y. The layer's output must have even extents: what a
// pooling leaves out is not computed.
void first_layer_pooled(const FirstLayer& layer, int threads, const float* x, const float* weights,
                        const float* bias, float slope, float* y, std::uint8_t* index,
                        float* workspace);

// dy of a layer whose outputs were pooled behind a ReLU, as first_layer_pooled() does: that of the
// pooled tensor, and what was written there.
struct FirstLayerPooledGradient {
  const float *dy, *y;
  const std::uint8_t* index;
  float slope;  // of the ReLU, below 0
};

// The gradient of its weight. The number of threads alone decides the order of sums.
class FirstLayerGradient {
 public:
  FirstLayerGradient(const FirstLayer& layer, int threads) : layer_(layer), threads_(threads) {}

  std::int64_t workspace_floats() const;
  // dw: (outputs, inputs, kernel); db (null: none): the sum of dy.
  void run(const float* x, const float* dy, float* dw, float* db, float* workspace) const;
  // The same of the gradients before ReLU and pooling, which are made from these where they are
  // needed. The layer's output may have odd extents here.
  void run_pooled(const float* x, const FirstLayerPooledGradient& pooled, float* dw, float* db,
                  float* workspace) const;

 private:
  std::int64_t sum_floats() const;  // of a thread: of the weights, then of the bias
  std::int64_t thread_floats() const { return 2 * sum_floats() + layer_.thread_floats(); }
  template <class Gradient>
  void sum_shares(const float* x, const Gradient& dy, float* workspace) const;
  template <class Gradient>
  void sum_share(std::int64_t thread, const float* x, const Gradient& dy, float* workspace) const;
  void add_threads(float* dw, float* db, const float* workspace) const;

  FirstLayer layer_;
  std::int64_t threads_;
};

}  // namespace lucid
