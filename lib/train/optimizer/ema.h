#pragma once

#include <optional>
#include <vector>

#include "plan/parameters.h"

namespace lucid {

// The exponential moving average of the trained parameters, as torch.optim.swa_utils' AveragedModel
// takes it: the first update copies; buffers (running_mean) are the network's own.
class Ema {
 public:
  // Every parameter must have its final layout.
  Ema(double decay, Engine& engine, const Parameters& parameters);

  void update(const Parameters& parameters);  // after every step
  std::int64_t updates() const { return updates_; }
  // When a checkpoint was loaded: what the parameters hold now are the averages.
  void restore(Engine& engine, const Parameters& parameters, std::int64_t updates);
  // Averages and parameters change places; a second time they change back. Nothing before the first
  // update.
  void exchange(Parameters& parameters);
  // By trained parameter: the averages, or while they are exchanged the trained values.
  const std::vector<Tensor>& kept() const { return kept_; }
  std::size_t bytes() const;

 private:
  double decay_;
  std::int64_t updates_ = 0;
  std::vector<Tensor> kept_;
};

// Puts averages in place of parameters for as long as it lives. Without an Ema it does nothing.
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
