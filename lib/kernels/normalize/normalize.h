#pragma once

#include <cstdint>

#include "kernels/layout/panels.h"

namespace lucid {

// A set of values shares one mean and one variance. Batch norm: one channel of all samples; group
// norm: neighbouring channels of one sample; instance norm: one channel of one sample.
struct StatisticSets {
  std::int64_t channels = 1, samples = 1;

  std::int64_t count(const Panels& p) const {
    return p.channels / channels * (p.samples / samples);
  }
  std::int64_t values(const Panels& p) const { return channels * samples * p.voxels; }
  std::int64_t of(const Panels& p, std::int64_t sample, std::int64_t channel) const {
    return sample / samples * (p.channels / channels) + channel / channels;
  }
};

// The statistics of one set. The variance is without eps, the inverse deviation with it.
struct SetStatistics {
  double mean, variance, inverse_deviation;
};

// Holds the mean and the sum of squared deviations of a lane, or two sums of the backward pass.
struct PartialSums {
  double first, second;
};

struct PanelNormalization {
  Panels panels;
  StatisticSets sets;
  double eps = 0;
  float relu_slope = 0;  // below 0, of a LeakyReLU on top

  std::int64_t partial_count() const { return Pieces(panels).count() * panels.width; }
  std::int64_t set_count() const { return sets.count(panels); }
};

enum class Rectify { kNo, kYes, kLeaky };  // whether a ReLU or a LeakyReLU comes on top

double inverse_deviation(double variance, double eps);

// `partials` is scratch of partial_count(), `statistics` gets set_count().
void measure_statistics(const PanelNormalization& n, const float* x, PartialSums* partials,
                        SetStatistics* statistics);

// y = (x - mean) * inverse deviation * weight + bias. weight and bias, one a channel, may be null:
// 1 and 0. Padding channels of x, zeros, stay zero.
void normalize(const PanelNormalization& n, const SetStatistics* statistics, const float* weight,
               const float* bias, Rectify rectify, const float* x, float* y);

// The inputs of the backward pass. All but dy are those of the forward pass.
struct NormalizeBackward {
  const SetStatistics* statistics;
  const float *weight, *bias;  // may be null
  Rectify rectify;
  const float *x, *dy;
};

// The gradients of weight and bias, each may be null. `partials` is scratch of partial_count();
// `sums` gets, a channel of a sample, the sums of the output's gradient g and of g (x - mean).
void normalize_parameter_gradients(const PanelNormalization& n, const NormalizeBackward& back,
                                   PartialSums* partials, PartialSums* sums, float* weight_gradient,
                                   float* bias_gradient);

// dx through statistics that were measured from x. `set_sums` is scratch of set_count(); dx may be
// dy.
void normalize_input_gradient(const PanelNormalization& n, const NormalizeBackward& back,
                              const PartialSums* sums, PartialSums* set_sums, float* dx);

}  // namespace lucid
