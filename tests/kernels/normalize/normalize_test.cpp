#include "kernels/normalize/normalize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"
#include "kernels/layout/panel_orders.h"
#include "support/approx.h"
#include "support/reference_norm.h"
#include "tensor/engine.h"

namespace lucid::test {
namespace {

// Values around `mean`.
std::vector<float> noise(std::size_t count, float mean, float deviation) {
  Rng rng(1, "noise");
  std::vector<float> values(count);
  for (float& value : values) value = mean + deviation * static_cast<float>(rng.normal());
  return values;
}

Array array_of(const Panels& p, const std::vector<float>& plain) {
  Array array(Shape{p.samples, p.channels, p.voxels});
  array.values.assign(plain.begin(), plain.end());
  return array;
}

// All that one training step leaves, in storage order: y, dx, and the parameters' gradients.
struct Results {
  std::vector<SetStatistics> statistics;
  std::vector<float> y, dx, weight_gradient, bias_gradient;
};

Results run(const PanelNormalization& n, const std::vector<float>& x, const std::vector<float>& dy,
            Rectify rectify) {
  const auto channels = static_cast<std::size_t>(n.panels.channels);
  const auto sets = static_cast<std::size_t>(n.set_count());
  std::vector<PartialSums> partials(static_cast<std::size_t>(n.partial_count())), set_sums(sets);
  std::vector<PartialSums> sums(channels * static_cast<std::size_t>(n.panels.samples));
  std::vector<float> weight(channels), bias(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    weight[c] = 1 + 0.125F * static_cast<float>(c % 5);
    bias[c] = 0.25F * static_cast<float>(c % 3) - 0.25F;
  }
  Results r{std::vector<SetStatistics>(sets), std::vector<float>(x.size(), -1),
            std::vector<float>(x.size(), -1), std::vector<float>(channels),
            std::vector<float>(channels)};
  measure_statistics(n, x.data(), partials.data(), r.statistics.data());
  normalize(n, r.statistics.data(), weight.data(), bias.data(), rectify, x.data(), r.y.data());
  const NormalizeBackward back{
      r.statistics.data(), weight.data(), bias.data(), rectify, x.data(), dy.data()};
  normalize_parameter_gradients(n, back, partials.data(), sums.data(), r.weight_gradient.data(),
                                r.bias_gradient.data());
  normalize_input_gradient(n, back, sums.data(), set_sums.data(), r.dx.data());
  return r;
}

Results run_plain_values(const PanelNormalization& n, const std::vector<float>& x,
                         const std::vector<float>& dy) {
  return run(n, placed(n.panels, x), placed(n.panels, dy), Rectify::kYes);
}

const Panels kShape{.samples = 2, .channels = 17, .voxels = 300};

}  // namespace

TEST_CASE("a normalization computes the same in every order of channels") {
  const std::vector<float> x = noise(2 * 17 * 300, 1, 2), dy = noise(2 * 17 * 300, 0, 1);
  for (const StatisticSets& sets : {StatisticSets{.channels = 1, .samples = 2},
                                    StatisticSets{.channels = 17}, StatisticSets{}}) {
    INFO(sets.channels, " channels of ", sets.samples, " samples");
    const Results plain = run_plain_values({kShape, sets, 1e-5}, x, dy);
    for (const Panels& panels : panels_in_every_order(kShape)) {
      INFO("width ", panels.width, ", step ", panels.step);
      const Results found = run_plain_values({panels, sets, 1e-5}, x, dy);
      CHECK(plain_order(panels, found.y) == approx(plain.y).within(1e-5, 1e-6));
      CHECK(plain_order(panels, found.dx) == approx(plain.dx).within(1e-5, 1e-6));
      CHECK(found.weight_gradient == approx(plain.weight_gradient).within(1e-5, 1e-5));
      CHECK(found.bias_gradient == approx(plain.bias_gradient).within(1e-5, 1e-5));
    }
  }
}

TEST_CASE("a normalization leaves what pads the channels zero") {
  const std::vector<float> x = noise(2 * 17 * 300, 1, 2), dy = noise(2 * 17 * 300, 0, 1);
  for (const Panels& panels : panels_in_every_order(kShape)) {
    const Results found = run_plain_values({panels, {.samples = 2}, 1e-5}, x, dy);
    for (const auto* values : {&found.y, &found.dx}) {
      const auto plain = plain_order(panels, *values);
      const auto is_set = [](float value) { return value != 0; };
      CHECK(std::ranges::count_if(*values, is_set) == std::ranges::count_if(plain, is_set));
    }
  }
}

TEST_CASE("a normalization gives the same bits with any number of threads") {
  const Panels large{.samples = 2, .channels = 3, .voxels = 70000};
  const std::vector<float> x = noise(2 * 3 * 70000, 1, 2), dy = noise(2 * 3 * 70000, 0, 1);
  const Engine before;
  for (const Panels& panels : panels_in_every_order(large)) {
    const PanelNormalization n{panels, {.samples = 2}, 1e-5};
    const Engine one(1);
    const Results expected = run_plain_values(n, x, dy);
    const Engine three(3);
    const Results found = run_plain_values(n, x, dy);
    CHECK(found.y == expected.y);
    CHECK(found.dx == expected.dx);
    CHECK(found.weight_gradient == expected.weight_gradient);
    CHECK(found.bias_gradient == expected.bias_gradient);
  }
  const Engine again(before.threads());
}

TEST_CASE("a normalization keeps its digits where the mean is large and the deviation small") {
  const Panels shape{.samples = 1, .channels = 3, .voxels = 5000};
  std::vector<float> x = noise(3 * 5000, 10000, 0.5F);
  x[0] = 0;  // among the first values of a block: a bad guess of the mean
  const SharedStatistics shared{1, 1};
  const Array reference = array_of(shape, x);
  const Moments m = moments(reference, shared);
  const Array y = normalized(reference, shared, m, 1e-5);
  for (const Panels& panels : panels_in_every_order(shape)) {
    INFO("width ", panels.width, ", step ", panels.step);
    const PanelNormalization n{panels, {}, 1e-5};
    std::vector<PartialSums> partials(static_cast<std::size_t>(n.partial_count()));
    std::vector<SetStatistics> statistics(3);
    const std::vector<float> storage = placed(panels, x);
    std::vector<float> found(storage.size());
    measure_statistics(n, storage.data(), partials.data(), statistics.data());
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(statistics[c].mean == doctest::Approx(m.mean[c]).epsilon(1e-9));
      CHECK(statistics[c].variance == doctest::Approx(m.variance[c]).epsilon(1e-6));
    }
    normalize(n, statistics.data(), nullptr, nullptr, Rectify::kNo, storage.data(), found.data());
    CHECK(plain_order(panels, found) == approx(y.values).within(1e-5, 1e-6));
  }
}

TEST_CASE("a normalization keeps its digits where the mean changes on the way") {
  const Panels shape{.samples = 1, .channels = 3, .voxels = 5000};
  std::vector<float> x = noise(3 * 5000, 0, 1);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += i % 5000 < 2000 ? 3000.F : -700.F;
  const Moments m = moments(array_of(shape, x), {1, 1});
  for (const Panels& panels : panels_in_every_order(shape)) {
    INFO("width ", panels.width, ", step ", panels.step);
    const PanelNormalization n{panels, {}, 1e-5};
    std::vector<PartialSums> partials(static_cast<std::size_t>(n.partial_count()));
    std::vector<SetStatistics> statistics(3);
    measure_statistics(n, placed(panels, x).data(), partials.data(), statistics.data());
    for (std::size_t c = 0; c < 3; ++c) {
      CHECK(statistics[c].mean == doctest::Approx(m.mean[c]).epsilon(1e-7));
      CHECK(statistics[c].variance == doctest::Approx(m.variance[c]).epsilon(1e-6));
    }
  }
}

TEST_CASE("a NaN spoils the values it shares statistics with, and no others") {
  std::vector<float> x = noise(2 * 17 * 300, 1, 2);
  x[300 * 4 + 7] = std::numeric_limits<float>::quiet_NaN();  // channel 4 of the first sample
  for (const Panels& panels : panels_in_every_order(kShape)) {
    const Results found = run_plain_values({panels, {}, 1e-5}, x, x);
    const std::vector<float> y = plain_order(panels, found.y), dx = plain_order(panels, found.dx);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const bool is_spoilt = i / 300 == 4;
      CHECK(std::isnan(y[i]) == is_spoilt);
      CHECK(std::isnan(dx[i]) == is_spoilt);
    }
  }
}

}  // namespace lucid::test
