#include "kernels/simd/bfloat16.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/elementwise/elementwise.h"
#include "kernels/elementwise/relu.h"
#include "kernels/pool/max_pool.h"

namespace lucid {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float rounded(float value) { return to_float(from_float<Bfloat16>(value)); }

std::vector<Bfloat16> halves(const std::vector<float>& values) {
  std::vector<Bfloat16> result(values.size());
  to_bfloat16s(static_cast<std::int64_t>(values.size()), values.data(), result.data());
  return result;
}

std::vector<float> floats(const std::vector<Bfloat16>& values) {
  std::vector<float> result(values.size());
  to_floats(static_cast<std::int64_t>(values.size()), values.data(), result.data());
  return result;
}

}  // namespace

TEST_CASE("bfloat16 takes the nearest number, and the even one of two") {
  CHECK(rounded(1.F) == 1.F);
  CHECK(rounded(1.F + 0x1p-8F) == 1.F);                       // half way to the odd 1 + 2^-7
  CHECK(rounded(1.F + 0x3p-8F) == 1.F + 0x1p-6F);             // half way between odd and even
  CHECK(rounded(1.F + 0x1p-8F + 0x1p-20F) == 1.F + 0x1p-7F);  // beyond half way
  CHECK(rounded(-1.F - 0x3p-8F) == -1.F - 0x1p-6F);
  CHECK(rounded(0x1p-126F) == 0x1p-126F);
}

TEST_CASE("bfloat16 keeps infinities, NaN and the sign of zero") {
  CHECK(rounded(kInfinity) == kInfinity);
  CHECK(rounded(-kInfinity) == -kInfinity);
  CHECK(rounded(std::numeric_limits<float>::max()) == kInfinity);
  CHECK(std::signbit(rounded(-0.F)));
  for (const std::uint32_t bits : {0x7f800001U, 0x7fffffffU, 0xffffffffU})
    CHECK(std::isnan(rounded(std::bit_cast<float>(bits))));
}

TEST_CASE("many numbers at once are rounded as one") {
  std::vector<float> values;
  for (int i = 0; i < 3001; ++i) values.push_back(std::sin(static_cast<float>(i)) * 100.F);
  const std::vector<float> found = floats(halves(values));
  for (std::size_t i = 0; i < values.size(); ++i) CHECK(found[i] == rounded(values[i]));
}

TEST_CASE("a ReLU and its gradient over bfloat16") {
  const std::vector<float> x{-2, 0, 3, std::nanf(""), -0.F}, dy{1, 2, 3, 4, 5};
  std::vector<Bfloat16> y(x.size()), dx(x.size());
  relu_forward(5, halves(x).data(), y.data());
  const std::vector<float> found = floats(y);
  CHECK(found[0] == 0);
  CHECK(found[1] == 0);
  CHECK(found[2] == 3);
  CHECK(std::isnan(found[3]));
  CHECK(found[4] == 0);
  relu_backward(5, y.data(), halves(dy).data(), dx.data());
  CHECK(floats(dx) == std::vector<float>{0, 0, 3, 4, 0});
}

TEST_CASE("functions over bfloat16 are those over floats, rounded") {
  std::vector<float> x, dy;
  for (int i = 0; i < 40000; ++i) {
    x.push_back(rounded(std::sin(static_cast<float>(i)) * 3.F));
    dy.push_back(rounded(std::cos(static_cast<float>(i))));
  }
  const auto count = static_cast<std::int64_t>(x.size());
  for (const Elementwise& f : {leaky_relu(0.1F), silu(), scale(3.F)}) {
    INFO(f.name);
    std::vector<float> y(x.size()), dx(x.size());
    std::vector<Bfloat16> half_y(x.size()), half_dx(x.size());
    elementwise_forward(f, count, x.data(), y.data());
    elementwise_forward(f, count, halves(x).data(), half_y.data());
    CHECK(floats(half_y) == floats(halves(y)));
    elementwise_backward(f, count, x.data(), dy.data(), dx.data());
    elementwise_backward(f, count, halves(x).data(), halves(dy).data(), half_dx.data());
    CHECK(floats(half_dx) == floats(halves(dx)));
  }
}

namespace {

Triple cube(std::int64_t n) { return {n, n, n}; }

// Returns the order of two groups of channels in cubes of n x n x n voxels.
ChannelGroups groups_of(std::int64_t lanes, std::int64_t n) {
  return {.samples = 1,
          .groups = 2,
          .lanes = lanes,
          .sample_stride = 2 * n * n * n * lanes,
          .group_stride = n * n * n * lanes,
          .voxel_stride = {n * n * lanes, n * lanes, lanes}};
}

}  // namespace

TEST_CASE("max pooling bfloat16 picks and hands back what pooling the same floats does") {
  struct Row {
    std::int64_t lanes, kernel, stride, padding, in, out;
  };
  for (const Row& r : {Row{16, 2, 2, 0, 6, 3}, Row{8, 2, 2, 0, 6, 3}, Row{1, 2, 2, 0, 6, 3},
                       Row{16, 3, 2, 1, 5, 3}, Row{8, 3, 3, 0, 6, 2}, Row{1, 3, 2, 1, 5, 3}}) {
    CAPTURE(r.lanes);
    CAPTURE(r.kernel);
    const PoolGeometry geometry{cube(r.in),     cube(r.out), cube(r.kernel),
                                cube(r.stride), cube(1),     cube(r.padding)};
    const ChannelGroups in = groups_of(r.lanes, r.in), out = groups_of(r.lanes, r.out);
    std::vector<float> x(static_cast<std::size_t>(in.sample_stride)),
        dy(static_cast<std::size_t>(out.sample_stride)), y(dy.size()), dx(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(static_cast<int>(i * 37 % 64) - 40);
    for (std::size_t i = 0; i < dy.size(); ++i) dy[i] = static_cast<float>(i % 13) - 6.F;
    std::vector<Bfloat16> half_y(y.size()), half_dx(x.size());
    std::vector<std::uint8_t> index(y.size()), half_index(y.size());
    max_pool_forward(geometry, in, out, x.data(), y.data(), index.data());
    max_pool_forward(geometry, in, out, halves(x).data(), half_y.data(), half_index.data());
    CHECK(floats(half_y) == y);
    CHECK(half_index == index);
    for (const bool undoes_relu : {false, true}) {
      CAPTURE(undoes_relu);
      const PooledRelu<float> relu{undoes_relu ? y.data() : nullptr, 0.5F};
      const PooledRelu<Bfloat16> half_relu{undoes_relu ? half_y.data() : nullptr, 0.5F};
      max_pool_backward(geometry, in, out, index.data(), relu, dy.data(), dx.data());
      const std::vector<Bfloat16> half_dy = halves(dy);
      max_pool_backward(geometry, in, out, half_index.data(), half_relu, half_dy.data(),
                        half_dx.data());
      CHECK(floats(half_dx) == dx);
    }
  }
}

}  // namespace lucid
