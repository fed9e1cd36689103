#include "data/normalization.h"

#include <array>
#include <cassert>
#include <cmath>

namespace lucid {
namespace {

// Of one channel: count, mean and sum of squared differences from the mean.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  // Chan, Golub and LeVeque: no difference of large sums.
  void add(const Moments& other) {
    const double total = count + other.count;
    const double difference = other.mean - mean;
    mean += difference * other.count / total;
    squares += other.squares + difference * difference * count * other.count / total;
    count = total;
  }
};

// Sums term(x) in eight lanes, which compilers turn into vector code.
template <class Term>
double sum(std::span<const float> values, const Term& term) {
  std::array<double, 8> lanes{};
  const std::size_t whole = values.size() / lanes.size() * lanes.size();
  for (std::size_t i = 0; i < whole; i += lanes.size())
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += term(values[i + lane]);
  double total = 0;
  for (const double lane : lanes) total += lane;
  for (std::size_t i = whole; i < values.size(); ++i) total += term(values[i]);
  return total;
}

// `origin` is subtracted first, so that equal values give a deviation of exactly 0.
Moments moments_of(std::span<const float> values, double origin) {
  const auto count = static_cast<double>(values.size());
  const double mean = sum(values, [=](float x) { return static_cast<double>(x) - origin; }) / count;
  const double squares = sum(values, [=](float x) {
    const double difference = static_cast<double>(x) - origin - mean;
    return difference * difference;
  });
  return {count, mean, squares};
}

}  // namespace

void Normalization::apply(std::span<float> sample, Shape::Extent channels) const {
  if (is_empty()) return;
  const std::size_t voxels = sample.size() / static_cast<std::size_t>(channels);
  assert(mean.size() == std.size());
  assert(mean.size() == 1 || mean.size() == static_cast<std::size_t>(channels));
  for (std::size_t channel = 0; channel < static_cast<std::size_t>(channels); ++channel) {
    const std::size_t at = mean.size() == 1 ? 0 : channel;
    const float center = mean[at], deviation = std[at];
    for (float& x : sample.subspan(channel * voxels, voxels)) x = (x - center) / deviation;
  }
}

Normalization measure_normalization(const Dataset& dataset) {
  const auto channels = static_cast<std::size_t>(dataset.sample_shape()[0]);
  std::vector<Moments> moments(channels);
  std::vector<double> origins(channels);
  dataset.walk_samples([&](const std::string&, std::size_t channel, std::span<const float> voxels) {
    if (moments[channel].count == 0) origins[channel] = voxels[0];
    moments[channel].add(moments_of(voxels, origins[channel]));
  });
  Normalization result;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const Moments& of = moments[channel];
    const auto deviation = static_cast<float>(std::sqrt(of.squares / of.count));
    result.mean.push_back(static_cast<float>(origins[channel] + of.mean));
    result.std.push_back(deviation == 0.0F ? 1.0F : deviation);
  }
  return result;
}

}  // namespace lucid
