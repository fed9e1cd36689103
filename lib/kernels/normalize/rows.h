#pragma once
// Private to this room.

#include "kernels/normalize/normalize.h"

// The inner loops of normalize.cpp, compiled once for each instruction set. All coefficients and
// sums are one a float of a row.
namespace lucid {

struct RowCoefficients {
  const float *mean, *scale, *shift;
  float relu_slope;  // below 0, of a LeakyReLU
};

// sum += x
void add_rows(const Rows& rows, const float* x, float* sum);

// sum += x - mean, squares += (x - mean)^2
void add_deviations(const Rows& rows, const float* x, const float* mean, float* sum,
                    float* squares);

// y = (x - mean) * scale + shift
void scale_rows(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* x,
                float* y);

// Let g = dy, or 0 where the ReLU gave 0: sum += g, product += g (x - mean).
void add_gradients(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* x,
                   const float* dy, float* sum, float* product);

// dx = scale g + slope (x - mean) + offset; dx may be dy.
void gradient_rows(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* slope,
                   const float* offset, const float* x, const float* dy, float* dx);

}  // namespace lucid
