#include "kernels/normalize/rows.h"

#include "kernels/simd/clones.h"

namespace lucid {
namespace {

constexpr std::int64_t kAhead = 1024;  // floats that are asked for before they are needed
constexpr std::int64_t kCacheLine = 16;

LUCID_INLINE void fetch_ahead(const float* row, std::int64_t length) {
  for (std::int64_t i = 0; i < length; i += kCacheLine) __builtin_prefetch(row + kAhead + i);
}

// Computes y before the ReLU. Both passes do it alike, so that they agree on its sign.
LUCID_INLINE float scaled(float x, float mean, float scale, float shift) {
  return (x - mean) * scale + shift;
}

// Applies the ReLU to a value, and below to the gradient of its result.
template <Rectify kRectify>
LUCID_INLINE float rectified(float value, float slope) {
  if (kRectify == Rectify::kNo) return value;
  return value <= 0.F ? (kRectify == Rectify::kYes ? 0.F : slope * value) : value;
}

template <Rectify kRectify>
LUCID_INLINE float passed_back(float gradient, float value, float slope) {
  if (kRectify == Rectify::kNo) return gradient;
  return value <= 0.F ? (kRectify == Rectify::kYes ? 0.F : slope * gradient) : gradient;
}

template <Rectify kRectify>
LUCID_INLINE void scale_all(const Rows& rows, const RowCoefficients& c, const float* x, float* y) {
  const float *mean = c.mean, *scale = c.scale, *shift = c.shift;
  const float slope_below = c.relu_slope;
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step, y += rows.step) {
    const std::int64_t length = rows.length_of(row);
    fetch_ahead(x, length);
    fetch_ahead(y, length);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      const float value = scaled(x[i], mean[i], scale[i], shift[i]);
      y[i] = rectified<kRectify>(value, slope_below);
    }
  }
}

template <Rectify kRectify>
LUCID_INLINE void add_all_gradients(const Rows& rows, const RowCoefficients& c, const float* x,
                                    const float* dy, float* sum, float* product) {
  const float *mean = c.mean, *scale = c.scale, *shift = c.shift;
  const float slope_below = c.relu_slope;
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step, dy += rows.step) {
    const std::int64_t length = rows.length_of(row);
    fetch_ahead(x, length);
    fetch_ahead(dy, length);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      const float value = scaled(x[i], mean[i], scale[i], shift[i]);
      const float g = passed_back<kRectify>(dy[i], value, slope_below);
      sum[i] += g;
      product[i] += g * (x[i] - mean[i]);
    }
  }
}

template <Rectify kRectify>
LUCID_INLINE void write_gradients(const Rows& rows, const RowCoefficients& c, const float* slope,
                                  const float* offset, const float* x, const float* dy, float* dx) {
  const float *mean = c.mean, *scale = c.scale, *shift = c.shift;
  const float slope_below = c.relu_slope;
  for (std::int64_t row = 0; row < rows.count;
       ++row, x += rows.step, dy += rows.step, dx += rows.step) {
    const std::int64_t length = rows.length_of(row);
    fetch_ahead(x, length);
    fetch_ahead(dx, length);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      const float value = scaled(x[i], mean[i], scale[i], shift[i]);
      const float g = passed_back<kRectify>(dy[i], value, slope_below);
      dx[i] = scale[i] * g + (slope[i] * (x[i] - mean[i]) + offset[i]);
    }
  }
}

// The functions that are compiled once an instruction set.
#define LUCID_RECTIFIED_ROWS(name, kind)                                                     \
  LUCID_CLONED(void, scale_##name,                                                           \
               (const Rows& rows, const RowCoefficients& c, const float* x, float* y),       \
               (rows, c, x, y)) {                                                            \
    scale_all<Rectify::kind>(rows, c, x, y);                                                 \
  }                                                                                          \
  LUCID_CLONED(void, add_##name,                                                             \
               (const Rows& rows, const RowCoefficients& c, const float* x, const float* dy, \
                float* sum, float* product),                                                 \
               (rows, c, x, dy, sum, product)) {                                             \
    add_all_gradients<Rectify::kind>(rows, c, x, dy, sum, product);                          \
  }                                                                                          \
  LUCID_CLONED(void, write_##name,                                                           \
               (const Rows& rows, const RowCoefficients& c, const float* slope,              \
                const float* offset, const float* x, const float* dy, float* dx),            \
               (rows, c, slope, offset, x, dy, dx)) {                                        \
    write_gradients<Rectify::kind>(rows, c, slope, offset, x, dy, dx);                       \
  }

LUCID_RECTIFIED_ROWS(plain, kNo)
LUCID_RECTIFIED_ROWS(rectified, kYes)
LUCID_RECTIFIED_ROWS(leaky, kLeaky)
#undef LUCID_RECTIFIED_ROWS

template <class Function>
Function one_of(Rectify rectify, Function plain, Function rectified, Function leaky) {
  return rectify == Rectify::kNo ? plain : rectify == Rectify::kYes ? rectified : leaky;
}

}  // namespace

LUCID_CLONED(void, add_rows, (const Rows& rows, const float* x, float* sum), (rows, x, sum)) {
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) sum[i] += x[i];
  }
}

// Four rows at a time, from four places: processors foresee more of them than of one.
LUCID_CLONED(void, add_deviations,
             (const Rows& rows, const float* x, const float* mean, float* sum, float* squares),
             (rows, x, mean, sum, squares)) {
  const std::int64_t whole = rows.count - (rows.last_length < rows.length ? 1 : 0);
  const std::int64_t quarter = whole / 4, apart = quarter * rows.step;
  for (std::int64_t row = 0; row < quarter; ++row, x += rows.step) {
#pragma omp simd
    for (std::int64_t i = 0; i < rows.length; ++i) {
      const float a = x[i] - mean[i], b = x[i + apart] - mean[i];
      const float c = x[i + 2 * apart] - mean[i], d = x[i + 3 * apart] - mean[i];
      sum[i] += (a + b) + (c + d);
      squares[i] += (a * a + b * b) + (c * c + d * d);
    }
  }
  x += 3 * apart;
  for (std::int64_t row = 4 * quarter; row < rows.count; ++row, x += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      const float deviation = x[i] - mean[i];
      sum[i] += deviation;
      squares[i] += deviation * deviation;
    }
  }
}

void scale_rows(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* x,
                float* y) {
  one_of(rectify, scale_plain, scale_rectified, scale_leaky)(rows, c, x, y);
}

void add_gradients(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* x,
                   const float* dy, float* sum, float* product) {
  one_of(rectify, add_plain, add_rectified, add_leaky)(rows, c, x, dy, sum, product);
}

void gradient_rows(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* slope,
                   const float* offset, const float* x, const float* dy, float* dx) {
  one_of(rectify, write_plain, write_rectified, write_leaky)(rows, c, slope, offset, x, dy, dx);
}

}  // namespace lucid
