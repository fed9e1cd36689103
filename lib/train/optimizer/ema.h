#pragma once

#include <optional>
#include <vector>

#include "plan/parameters.h"

namespace lucid {

// The exponential moving average of the trained parameters, as AveragedModel of
// torch.optim.swa_utils computes it. The first update copies. Buffers such as running_mean are not
// averaged.
class Ema {
 public:
  // Every parameter must have its final layout.
  Ema(double decay, Engine& engine, const Parameters& parameters);

  void update(const Parameters& parameters);  // after every step
  std::int64_t updates() const { return updates_; }
  // Call it when a checkpoint was loaded, while the parameters hold the averages.
  void restore(Engine& engine, const Parameters& parameters, std::int64_t updates);
  // Swaps averages and parameters; a second call swaps them back. It does nothing before the first
  // update.
  void exchange(Parameters& parameters);
  // Returns the averages, or while they are swapped the trained values, in the order of the trained
  // parameters.
  const std::vector<Tensor>& kept() const { return kept_; }
  std::size_t bytes() const;

 private:
  double decay_;
  std::int64_t updates_ = 0;
  std::vector<Tensor> kept_;
};

// Replaces the parameters by their averages as long as it lives. Does nothing without an Ema.
class AveragedParameters {
 public:
  AveragedParameters(std::optional<Ema>& ema, Parameters& parameters);
  ~AveragedParameters();
  AveragedParameters(const AveragedParameters&) = delete;
  AveragedParameters& operator=(const AveragedParameters&) = delete;

 private:
  std::optional<Ema>& ema_;
  Parameters& parameters_;
};

}  // namespace lucid
