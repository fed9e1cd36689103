#include <doctest/doctest.h>

#include <algorithm>
#include <bit>

#include "layers/convolution/forced_routes.h"

// Convolutions whose step computes the ReLU and the max pooling of 2x2x2 voxels behind them, too.
namespace lucid::test {
namespace {

constexpr const char* kPoolingRoutes[] = {"winograd_3d", "first_layer"};
constexpr const char* kPooledRelus[] = {R"({"type": "ReLU"})",
                                        R"({"type": "LeakyReLU", "negative_slope": 0.25})"};

// Three times the rounding of a direct convolution, or what nested Winograd's tests allow.
constexpr Tolerance kPooledTolerance{1e-4, 2e-4};

struct PooledRow {
  Shape input;
  std::string arguments;  // of the convolution
};

// Extents of pooled tiles that are cut, odd extents, channels that fill no vector.
const PooledRow kPooledRows[] = {
    {{2, 3, 9, 13, 10}, R"("out_channels": 19, "padding": 1)"},
    {{1, 1, 6, 9, 37}, R"("out_channels": 16, "padding": [1, 1, 2])"},
    {{3, 2, 4, 4, 4}, R"("out_channels": 8)"},
    {{2, 4, 12, 11, 19}, R"("out_channels": 33, "padding": [0, 2, 1])"}};
// The last rows of first layers: three take more of Winograd's points than the two that are pooled,
// and round otherwise.
const PooledRow kCutRow{{1, 1, 6, 7, 37}, R"("out_channels": 16, "padding": [1, 1, 2])"};
const PooledRow kEvenPooledRows[] = {{{2, 4, 8, 10, 12}, R"("out_channels": 32, "padding": 1)"},
                                     {{1, 2, 6, 14, 18}, R"("out_channels": 20, "padding": 1)"}};

// Of even extents, no window reaches over the end: this changes nothing, but is not fused.
constexpr const char* kNotFused = R"(, "ceil_mode": true)";

std::string pooled_layers(const std::string& arguments, const std::string& relu,
                          const std::string& pool_arguments = "") {
  return R"([{"type": "Conv3D", "kernel_size": 3, )" + arguments + "}, " + relu +
         R"(, {"type": "MaxPool3D", "kernel_size": 2)" + pool_arguments + "}]";
}

bool has_step(const Plan& plan, const std::string& what) {
  return plan.explain().find(what) != std::string::npos;
}

std::vector<std::uint32_t> bits_of(std::span<const float> values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

// A plan, with its numbers; some of the input are equal to others, so that maxima are, too.
struct Numbers {
  Numbers(const Case& row, const CompileOptions& options, float special) : compiled(row, options) {
    for (const Parameter& parameter : compiled.model.parameters())
      compiled.set(parameter.name, drawn(1, 2, parameter.shape.count(), 64));
    std::vector<float> x = drawn(1, 0, compiled.plan.input().values().size(), 1);
    for (std::size_t i = 0; i < x.size() / 3; ++i) x[i] = 0.5F;
    x[x.size() / 2] = special;
    compiled.set("input", x);
  }

  void backward() {
    const std::span<float> dy = compiled.plan.output_gradient().values();
    std::ranges::copy(drawn(1, 1, dy.size(), 1), dy.begin());
    compiled.plan.backward();
  }

  CompiledCase compiled;
};

struct PooledCase {
  Case row;
  bool fuses = true;

  CompileOptions options(CompileOptions all) const {
    all.fuse_relu = fuses;
    return all;
  }
};

// Compares two plans in all bits, but for the sign of a gradient that is zero.
void compare_bits(const PooledCase& fused, const PooledCase& apart, const CompileOptions& options,
                  float special) {
  Numbers one(fused.row, fused.options(options), special);
  Numbers other(apart.row, apart.options(options), special);
  REQUIRE(has_step(one.compiled.plan, "relu+max pool"));
  REQUIRE_FALSE(has_step(other.compiled.plan, "relu+max pool"));
  CHECK(bits_of(one.compiled.forward()) == bits_of(other.compiled.forward()));
  if (options.mode == Mode::kInfer) return;
  one.backward();
  other.backward();
  const auto plus_zero = [](std::vector<float> values) {
    for (float& value : values) value += 0.F;
    return bits_of(values);
  };
  if (options.input_gradient)
    CHECK(plus_zero(copy_of(one.compiled.plan.input_gradient().values())) ==
          plus_zero(copy_of(other.compiled.plan.input_gradient().values())));
  for (const Parameter& parameter : one.compiled.model.parameters()) {
    CAPTURE(parameter.name);
    CHECK(plus_zero(one.compiled.gradient(parameter.name)) ==
          plus_zero(other.compiled.gradient(parameter.name)));
  }
}

// Inference, training, and training of a first layer, whose weight gradient may be computed from
// the pooled gradient.
std::vector<CompileOptions> all_options(const std::string& route) {
  return {{.mode = Mode::kInfer, .routes = forced(route)},
          training(forced(route)),
          {.mode = Mode::kTrain, .routes = forced(route)}};
}

}  // namespace

TEST_CASE("a convolution that pools its outputs makes the bits of ReLU and pooling behind it") {
  if (!has_vectors()) return;
  for (const std::string route : kPoolingRoutes)
    for (const CompileOptions& options : all_options(route))
      for (const std::string relu : kPooledRelus)
        for (const PooledRow& row : kPooledRows) {
          CAPTURE(route);
          CAPTURE(relu);
          CAPTURE(row.input.str());
          const Case network = case_of(row.input, pooled_layers(row.arguments, relu));
          compare_bits({network}, {network, false}, options, 1);
        }
}

TEST_CASE("a convolution that pools its outputs rounds to bfloat16 before that") {
  if (!has_vectors()) return;
  for (CompileOptions options : all_options("winograd_3d"))
    for (const std::string relu : kPooledRelus)
      for (const PooledRow& row : kEvenPooledRows) {
        options.precision = Precision::kBfloat16;
        CAPTURE(relu);
        CAPTURE(row.input.str());
        compare_bits({case_of(row.input, pooled_layers(row.arguments, relu))},
                     {case_of(row.input, pooled_layers(row.arguments, relu, kNotFused))}, options,
                     1);
      }
}

TEST_CASE("a NaN or an infinity passes a convolution that pools as it passes the layers") {
  if (!has_vectors()) return;
  for (const std::string route : kPoolingRoutes)
    for (const CompileOptions& options : all_options(route))
      for (const float special : {kNaN, kInfinity, -kInfinity})
        for (const std::string relu : kPooledRelus) {
          CAPTURE(route);
          CAPTURE(relu);
          CAPTURE(special);
          const PooledRow& row = kEvenPooledRows[0];
          compare_bits({case_of(row.input, pooled_layers(row.arguments, relu))},
                       {case_of(row.input, pooled_layers(row.arguments, relu, kNotFused))}, options,
                       special);
        }
}

TEST_CASE("a convolution that pools its outputs comes out as by loops in double precision") {
  if (!has_vectors()) return;
  const auto nearly = [](const auto& expected) {
    return approx(expected).within(kPooledTolerance.relative, kPooledTolerance.absolute);
  };
  std::vector<PooledRow> rows(std::begin(kPooledRows), std::end(kPooledRows));
  rows.push_back(kCutRow);
  for (const std::string relu : kPooledRelus)
    for (const PooledRow& row : rows) {
      CAPTURE(relu);
      CAPTURE(row.input.str());
      const Case network = case_of(row.input, pooled_layers(row.arguments, relu));
      ReferenceNetwork reference(network);
      reference.backward();
      for (const std::string route : kPoolingRoutes)
        for (const bool has_input_gradient : {true, false}) {
          CAPTURE(route);
          CompileOptions options = training(forced(route));
          options.input_gradient = has_input_gradient;
          CompiledCase compiled(network, reference, options);
          REQUIRE(has_step(compiled.plan, "relu+max pool"));
          CHECK(compiled.forward() == nearly(reference.output.values));
          compiled.backward();
          if (has_input_gradient)
            CHECK(compiled.plan.input_gradient().values() ==
                  nearly(reference.input_gradient.values));
          for (const auto& parameter : reference.parameters)
            CHECK(compiled.gradient(parameter.name) == nearly(parameter.gradient.values));
        }
    }
}

TEST_CASE("a convolution does not pool what others read, too, or what is pooled otherwise") {
  if (!has_vectors()) return;
  const Shape input{1, 2, 8, 8, 8};
  const std::string conv = R"("out_channels": 16, "padding": 1)", relu = kPooledRelus[0];
  const std::string both =
      R"([{"type": "Conv3D", "out_channels": 16, "kernel_size": 3, "padding": 1},
          {"type": "ReLU", "name": "both"}, {"type": "MaxPool3D", "kernel_size": 2},
          {"type": "Upsample", "scale_factor": 2},
          {"type": "Add", "inputs": ["both", "upsample_1"]}])";
  const auto pools = [&](const std::string& text, const std::string& route) {
    CompiledCase compiled(case_of(input, text), {.routes = forced(route)});
    REQUIRE(takes(compiled.plan, route));
    return has_step(compiled.plan, "relu+max pool");
  };
  for (const std::string route : kPoolingRoutes) {
    CHECK(pools(pooled_layers(conv, relu), route));
    CHECK_FALSE(pools(pooled_layers(conv, relu, R"(, "stride": 1)"), route));
    CHECK_FALSE(pools(pooled_layers(conv, relu, R"(, "padding": 1)"), route));
    CHECK_FALSE(pools(pooled_layers(conv, R"({"type": "Identity"})"), route));
    CHECK_FALSE(pools(both, route));
  }
  CHECK_FALSE(pools(pooled_layers(conv + R"(, "dilation": 2)", relu), "winograd_3d"));
}

TEST_CASE("a plan whose convolution pools takes less memory") {
  if (!has_vectors()) return;
  const Shape input{1, 4, 32, 32, 32};
  const std::string conv = R"("out_channels": 16, "padding": 1)", relu = kPooledRelus[0];
  const auto bytes = [&](Mode mode, const std::string& pool_arguments) {
    return CompiledCase(case_of(input, pooled_layers(conv, relu, pool_arguments)),
                        {.mode = mode, .routes = forced("first_layer")})
        .plan.memory_bytes();
  };
  CHECK(bytes(Mode::kInfer, "") < bytes(Mode::kInfer, kNotFused));
  CHECK(bytes(Mode::kTrain, "") < bytes(Mode::kTrain, kNotFused));
}

}  // namespace lucid::test
