#include "data/statistics/normalization.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <iterator>

#include "base/text.h"
#include "data/statistics/moments.h"
#include "data/statistics/order_statistics.h"
#include "kernels/simd/finite.h"

namespace lucid {
namespace {

// Sums term(x) in eight lanes, which compilers vectorize.
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
Moments moments_around(std::span<const float> values, double origin) {
  const auto count = static_cast<double>(values.size());
  const double mean = sum(values, [=](float x) { return static_cast<double>(x) - origin; }) / count;
  const double squares = sum(values, [=](float x) {
    const double difference = static_cast<double>(x) - origin - mean;
    return difference * difference;
  });
  return {.count = std::ssize(values), .mean = mean, .squares = squares};
}

// NaN remains NaN.
void clip(std::span<float> values, float low, float high, bool keeps_zeros) {
  for (float& x : values)
    if (!(keeps_zeros && x == 0)) x = x < low ? low : x > high ? high : x;
}

// Calls take(channel, voxels) for all finite values that the walk visits and the rule measures.
template <class Take>
void walk_channels(const NormalizationRule& rule, const VoxelWalk& walk, const Take& take) {
  std::vector<float> measured;
  walk([&](const std::string&, std::size_t channel, std::span<const float> voxels) {
    if (rule.is_masked || !is_finite(voxels)) {
      measured.clear();
      std::ranges::copy_if(voxels, std::back_inserter(measured), [&](float value) {
        return std::isfinite(value) && !(rule.is_masked && value == 0);
      });
      voxels = measured;
    }
    if (!voxels.empty()) take(channel, voxels);
  });
}

std::string note_of_channel(std::size_t channel, const std::string& what) {
  return "channel " + std::to_string(channel) + ": " + what;
}

// Writes the rule's percentiles to `min` and `max`; the extremes where the percentiles are equal,
// as nothing would be left of values clipped to them.
void measure_range(const NormalizationRule& rule, std::size_t channels, const VoxelWalk& walk,
                   Normalization& result) {
  std::vector<OrderStatistics> statistics(channels, OrderStatistics(rule.low, rule.high));
  walk_channels(rule, walk, [&](std::size_t channel, std::span<const float> voxels) {
    statistics[channel].add(voxels);
  });
  bool walks_again = false;
  for (OrderStatistics& of : statistics) walks_again |= of.is_second_pass_needed();
  if (walks_again)
    walk_channels(rule, walk, [&](std::size_t channel, std::span<const float> voxels) {
      statistics[channel].add_again(voxels);
    });
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const OrderStatistics& of = statistics[channel];
    auto [low, high] = of.percentiles();
    if (low == high && of.min() < of.max()) {
      result.notes.push_back(note_of_channel(
          channel, "its percentiles " + number_text(rule.low) + " and " + number_text(rule.high) +
                       " are equal, " + number_text(low) + "; its smallest and largest value, " +
                       number_text(of.min()) + " and " + number_text(of.max()) +
                       ", are used instead"));
      low = of.min();
      high = of.max();
    }
    result.min.push_back(low);
    result.max.push_back(high);
  }
}

// Adds the divisor of a channel: a width of 0 counts as 1.
void add_width(std::size_t channel, float width, Normalization& result) {
  if (width == 0.0F)
    result.notes.push_back(
        note_of_channel(channel, "all of its values are " + number_text(result.mean[channel]) +
                                     " and become 0, of which nothing can be learned"));
  result.std.push_back(width == 0.0F ? 1.0F : width);
}

void measure_moments(const NormalizationRule& rule, std::size_t channels, const VoxelWalk& walk,
                     Normalization& result) {
  std::vector<Moments> moments(channels);
  std::vector<double> origins(channels);
  std::vector<float> clipped;
  walk_channels(rule, walk, [&](std::size_t channel, std::span<const float> voxels) {
    if (!result.min.empty() && rule.type != NormalizationType::kCt) {
      clipped.assign(voxels.begin(), voxels.end());
      clip(clipped, result.min[channel], result.max[channel], false);
      voxels = clipped;
    }
    if (moments[channel].count == 0) origins[channel] = voxels[0];
    moments[channel].add(moments_around(voxels, origins[channel]));
  });
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const Moments& of = moments[channel];
    const auto count = static_cast<double>(std::max<std::int64_t>(of.count, 1));
    const auto deviation = static_cast<float>(std::sqrt(of.squares / count));
    result.mean.push_back(static_cast<float>(origins[channel] + of.mean));
    add_width(channel, deviation, result);
  }
}

}  // namespace

void Normalization::apply(std::span<float> sample, Shape::Extent channels) const {
  if (is_empty()) return;
  const std::size_t voxels = sample.size() / static_cast<std::size_t>(channels);
  assert(mean.size() == std.size() && min.size() == max.size());
  assert(mean.size() == 1 || mean.size() == static_cast<std::size_t>(channels));
  const auto of = [](const std::vector<float>& list, std::size_t channel) {
    return list.size() == 1 ? list[0] : list[channel];
  };
  for (std::size_t channel = 0; channel < static_cast<std::size_t>(channels); ++channel) {
    const std::span<float> values = sample.subspan(channel * voxels, voxels);
    if (!min.empty()) clip(values, of(min, channel), of(max, channel), keeps_zeros);
    const float center = of(mean, channel), deviation = of(std, channel);
    if (keeps_zeros)
      for (float& x : values) x = x == 0 ? 0 : (x - center) / deviation;
    else
      for (float& x : values) x = (x - center) / deviation;
  }
}

Normalization measure_normalization(const NormalizationRule& rule, std::size_t channels,
                                    const VoxelWalk& walk) {
  Normalization result;
  result.keeps_zeros = rule.is_masked;
  const bool is_zscore = rule.type != NormalizationType::kPercentile;
  if (!is_zscore || rule.low > 0 || rule.high < 100) measure_range(rule, channels, walk, result);
  if (is_zscore) {
    measure_moments(rule, channels, walk, result);
    return result;
  }
  for (std::size_t channel = 0; channel < channels; ++channel) {
    result.mean.push_back(result.min[channel]);
    add_width(channel, result.max[channel] - result.min[channel], result);
  }
  return result;
}

std::string rule_text(const NormalizationRule& rule) {
  const char* const names[] = {"zscore", "percentile", "ct"};
  return std::string(names[static_cast<std::size_t>(rule.type)]) + " " + number_text(rule.low) +
         " " + number_text(rule.high) + (rule.is_masked ? " of what is not 0" : "");
}

std::vector<double> stored_values(const Normalization& normalization) {
  const auto channels = static_cast<double>(normalization.mean.size());
  std::vector<double> numbers{normalization.keeps_zeros ? -channels : channels};
  for (const auto& list :
       {normalization.mean, normalization.std, normalization.min, normalization.max})
    numbers.insert(numbers.end(), list.begin(), list.end());
  return numbers;
}

Normalization normalization_of(std::span<const double> numbers) {
  const auto channels = static_cast<std::size_t>(std::abs(numbers[0]));
  Normalization result;
  result.keeps_zeros = numbers[0] < 0;
  numbers = numbers.subspan(1);
  for (std::vector<float>* list : {&result.mean, &result.std, &result.min, &result.max}) {
    if (numbers.empty()) break;
    for (std::size_t i = 0; i < channels; ++i) list->push_back(static_cast<float>(numbers[i]));
    numbers = numbers.subspan(channels);
  }
  return result;
}

Normalization volume_normalization(const NormalizationRule& rule, std::span<const float> volume,
                                   Shape::Extent channels) {
  const auto count = static_cast<std::size_t>(channels);
  const std::size_t voxels = volume.size() / count;
  return measure_normalization(rule, count, [&](const VoxelVisitor& visit) {
    for (std::size_t channel = 0; channel < count; ++channel)
      visit("", channel, volume.subspan(channel * voxels, voxels));
  });
}

}  // namespace lucid
