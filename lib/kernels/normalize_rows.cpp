#include "kernels/normalize_rows.h"

#include "kernels/clones.h"

namespace lucid {
namespace {

// y before the ReLU. Both ways compute it, so that they agree on its sign.
LUCID_INLINE float scaled(float x, float mean, float scale, float shift) {
  return (x - mean) * scale + shift;
}

template <Rectify kRectify>
LUCID_INLINE void scale_all(const Rows& rows, const RowCoefficients& c, const float* x, float* y) {
  const float *mean = c.mean, *scale = c.scale, *shift = c.shift;
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step, y += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      const float value = scaled(x[i], mean[i], scale[i], shift[i]);
      y[i] = kRectify == Rectify::kYes && value <= 0.F ? 0.F : value;
    }
  }
}

template <Rectify kRectify>
LUCID_INLINE void add_all_gradients(const Rows& rows, const RowCoefficients& c, const float* x,
                                    const float* dy, float* sum, float* product) {
  const float *mean = c.mean, *scale = c.scale, *shift = c.shift;
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step, dy += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      const bool is_closed =
          kRectify == Rectify::kYes && scaled(x[i], mean[i], scale[i], shift[i]) <= 0.F;
      const float g = is_closed ? 0.F : dy[i];
      sum[i] += g;
      product[i] += g * (x[i] - mean[i]);
    }
  }
}

template <Rectify kRectify>
LUCID_INLINE void write_gradients(const Rows& rows, const RowCoefficients& c, const float* slope,
                                  const float* offset, const float* x, const float* dy, float* dx) {
  const float *mean = c.mean, *scale = c.scale, *shift = c.shift;
  for (std::int64_t row = 0; row < rows.count;
       ++row, x += rows.step, dy += rows.step, dx += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) {
      const bool is_closed =
          kRectify == Rectify::kYes && scaled(x[i], mean[i], scale[i], shift[i]) <= 0.F;
      const float g = is_closed ? 0.F : dy[i];
      dx[i] = scale[i] * g + (slope[i] * (x[i] - mean[i]) + offset[i]);
    }
  }
}

LUCID_CLONES void scale_plainly(const Rows& rows, const RowCoefficients& c, const float* x,
                                float* y) {
  scale_all<Rectify::kNo>(rows, c, x, y);
}

LUCID_CLONES void scale_and_rectify(const Rows& rows, const RowCoefficients& c, const float* x,
                                    float* y) {
  scale_all<Rectify::kYes>(rows, c, x, y);
}

LUCID_CLONES void add_plain(const Rows& rows, const RowCoefficients& c, const float* x,
                            const float* dy, float* sum, float* product) {
  add_all_gradients<Rectify::kNo>(rows, c, x, dy, sum, product);
}

LUCID_CLONES void add_rectified(const Rows& rows, const RowCoefficients& c, const float* x,
                                const float* dy, float* sum, float* product) {
  add_all_gradients<Rectify::kYes>(rows, c, x, dy, sum, product);
}

LUCID_CLONES void write_plain(const Rows& rows, const RowCoefficients& c, const float* slope,
                              const float* offset, const float* x, const float* dy, float* dx) {
  write_gradients<Rectify::kNo>(rows, c, slope, offset, x, dy, dx);
}

LUCID_CLONES void write_rectified(const Rows& rows, const RowCoefficients& c, const float* slope,
                                  const float* offset, const float* x, const float* dy, float* dx) {
  write_gradients<Rectify::kYes>(rows, c, slope, offset, x, dy, dx);
}

}  // namespace

LUCID_CLONES void add_rows(const Rows& rows, const float* x, float* sum) {
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step) {
    const std::int64_t length = rows.length_of(row);
#pragma omp simd
    for (std::int64_t i = 0; i < length; ++i) sum[i] += x[i];
  }
}

LUCID_CLONES void add_deviations(const Rows& rows, const float* x, const float* mean, float* sum,
                                 float* squares) {
  constexpr std::int64_t kFloatsOfLine = 16;
  const std::int64_t ahead = rows.count * rows.step;
  for (std::int64_t row = 0; row < rows.count; ++row, x += rows.step) {
    const std::int64_t length = rows.length_of(row);
    // These rows are in the cache already: the memory is free for the next ones.
    for (std::int64_t i = 0; i < length; i += kFloatsOfLine) __builtin_prefetch(x + ahead + i);
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
  (rectify == Rectify::kYes ? scale_and_rectify : scale_plainly)(rows, c, x, y);
}

void add_gradients(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* x,
                   const float* dy, float* sum, float* product) {
  (rectify == Rectify::kYes ? add_rectified : add_plain)(rows, c, x, dy, sum, product);
}

void gradient_rows(const Rows& rows, Rectify rectify, const RowCoefficients& c, const float* slope,
                   const float* offset, const float* x, const float* dy, float* dx) {
  (rectify == Rectify::kYes ? write_rectified : write_plain)(rows, c, slope, offset, x, dy, dx);
}

}  // namespace lucid
