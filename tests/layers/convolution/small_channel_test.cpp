#include <doctest/doctest.h>

#include "layers/convolution/forced_routes.h"

namespace lucid::test {
namespace {

constexpr Tolerance kSmallChannelTolerance{1e-5, 1e-5};

constexpr const char* kSmallChannel = "small_channel";

std::int64_t lanes() { return onednn::vector_set() == onednn::VectorSet::kAvx512 ? 16 : 8; }

}  // namespace

TEST_CASE("every row of the table of layers comes out the same by the kernel for few channels") {
  if (!has_vectors()) return;
  CHECK(compare_table(kSmallChannel, kSmallChannelTolerance) >= 40);
}

TEST_CASE("rows of any length and paddings of any width come out the same, from or into few") {
  if (!has_vectors()) return;
  const auto many = std::to_string(2 * lanes() + 3), few = std::to_string(lanes() / 2 - 1);
  for (std::int64_t width = 1; width <= 35; ++width)
    for (const auto& [kernel, padding] : {std::pair{3, 0}, {3, 1}, {3, 2}, {5, 2}, {5, 4}}) {
      if (width + 2 * padding < kernel) continue;
      const Shape input{2, lanes() + 3, 3, 5, width}, narrow{2, lanes() / 2 - 1, 3, 5, width};
      const std::string window = R"(, "kernel_size": [2, 3, )" + std::to_string(kernel) +
                                 R"(], "padding": [1, 2, )" + std::to_string(padding) + "]";
      CAPTURE(input.str());
      CAPTURE(window);
      compare_routes(case_of(input, conv(R"("out_channels": )" + few + window)), kSmallChannel,
                     kSmallChannelTolerance);
      compare_routes(case_of(narrow, conv(R"("out_channels": )" + many + window)), kSmallChannel,
                     kSmallChannelTolerance);
    }
}

TEST_CASE("convolutions from and into few channels behind one another come out the same") {
  if (!has_vectors()) return;
  const auto layer = [](std::int64_t channels, int kernel) {
    return R"({"type": "Conv3D", "padding": 1, "out_channels": )" + std::to_string(channels) +
           R"(, "kernel_size": )" + std::to_string(kernel) + "}";
  };
  const auto few = lanes() / 2;
  for (const int kernel : {3, 5})
    compare_routes(case_of({2, 1, 9, 8, 40}, "[" + layer(few, 3) + ", " + layer(few, kernel) +
                                                 ", " + layer(lanes() + 1, kernel) + ", " +
                                                 layer(few - 1, kernel) + "]"),
                   kSmallChannel, {1e-4, 1e-4});
}

TEST_CASE("convolutions from or into few channels go by our kernel") {
  if (!has_vectors()) return;
  const std::string few = std::to_string(lanes() / 2), many = std::to_string(lanes());
  const Shape input{1, lanes(), 12, 12, 12}, narrow{1, lanes() / 2, 12, 12, 12};
  const std::string kernel = R"(, "kernel_size": 3, "padding": 1)";
  CHECK(is_chosen(input, R"("out_channels": )" + few + kernel, kSmallChannel));
  CHECK(is_chosen(narrow, R"("out_channels": )" + many + kernel, kSmallChannel));  // its gradient
  const std::string others = R"("out_channels": )" + std::to_string(2 * lanes()) + kernel;
  CHECK_FALSE(is_chosen({1, 2 * lanes(), 12, 12, 12}, others, kSmallChannel));
  for (const std::string other :
       {R"(, "kernel_size": 3, "stride": 2)", R"(, "kernel_size": 1)",
        R"(, "kernel_size": 3, "dilation": 2)", R"(, "kernel_size": 2)"}) {
    CAPTURE(other);
    CHECK_FALSE(is_chosen(input, R"("out_channels": )" + few + other, kSmallChannel));
  }
}

}  // namespace lucid::test
