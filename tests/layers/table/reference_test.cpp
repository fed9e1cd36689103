#include <doctest/doctest.h>

#include <cmath>

#include "layers/table/probe.h"
#include "support/approx.h"
#include "support/golden.h"

namespace lucid::test {
namespace {

std::vector<float> stored(const Array& array) {
  return thinned(std::vector<float>(array.values.begin(), array.values.end()));
}

}  // namespace

// Both sides are sums in double precision, rounded to float32 once; the order of the sums differs.
constexpr double kRelative = 1e-6, kAbsolute = 1e-12;

TEST_CASE("the reference loops compute what PyTorch computes") {
  for (const Case& row : cases()) {
    INFO(row.name);
    ReferenceNetwork network(row);
    network.backward();
    CHECK(stored(network.output) ==
          approx(floats(row.golden.at("output"))).within(kRelative, kAbsolute));
    CHECK(stored(network.input_gradient) ==
          approx(floats(row.golden.at("input_gradient"))).within(kRelative, kAbsolute));
    for (const auto& parameter : network.parameters) {
      INFO(parameter.name);
      CHECK(stored(parameter.gradient) ==
            approx(floats(row.golden.at(parameter.name))).within(kRelative, kAbsolute));
    }
    for (const auto& buffer : network.buffers) {
      INFO(buffer.name);
      CHECK(stored(buffer.updated) ==
            approx(floats(row.golden.at(buffer.name))).within(kRelative, kAbsolute));
    }
    if (network.depends_on_mode)
      CHECK(stored(ReferenceNetwork(row, Mode::kInfer).output) ==
            approx(floats(row.golden.at("inference_output"))).within(kRelative, kAbsolute));
  }
}

#ifndef LUCID_SANITIZE  // a minute of arithmetic there, by loops that the case above runs as well
TEST_CASE("the reference gradients are the slopes of the reference outputs") {
  for (const Case& row : cases()) {
    INFO(row.name);
    ReferenceNetwork network(row);
    network.backward();
    for (const Probe& probe : probes(network)) {
      INFO(probe.name, ", step ", probe.step.size);
      const Slope found = slope(std::span(value_of(network, probe.name).values), probe.direction,
                                probe.step, network.output_gradient.values, [&network] {
                                  network.forward();
                                  return network.output.values;
                                });
      const double expected = dot(gradient_of(network, probe.name).values, probe.direction);
      CHECK(std::abs(found.value - expected) <= found.error_bound);
    }
  }
}
#endif

}  // namespace lucid::test
