#include "train/optimizer/ema.h"

#include <algorithm>

#include "tensor/parallel.h"

namespace lucid {
namespace {

// Calls work(kept, value, begin, end) for blocks of each trained parameter's elements.
template <class All, class Work>
void for_blocks(std::vector<Tensor>& kept, All& parameters, const Work& work) {
  std::size_t at = 0;
  for (auto& parameter : parameters) {
    if (!parameter.is_trained()) continue;
    float* average = kept[at++].values().data();
    auto* value = parameter.value.values().data();
    parallel_blocks(
        static_cast<std::int64_t>(parameter.value.values().size()), kParameterBlock,
        [&](std::int64_t begin, std::int64_t end) { work(average, value, begin, end); });
  }
}

}  // namespace

Ema::Ema(double decay, Engine& engine, const Parameters& parameters) : decay_(decay) {
  for (const Parameter& parameter : parameters)
    if (parameter.is_trained()) kept_.emplace_back(engine, parameter.value.layout());
}

void Ema::update(const Parameters& parameters) {
  if (updates_++ == 0)
    return for_blocks(kept_, parameters,
                      [](float* average, const float* value, std::int64_t begin, std::int64_t end) {
                        std::copy(value + begin, value + end, average + begin);
                      });
  // As torch.lerp does it, from the nearer end. A sum of the shares decay and 1 - decay, which are
  // rounded, would end 1e-4 away from a value that does not move where the decay is 0.9999.
  if (decay_ < 0.5) {
    const auto kept = static_cast<float>(decay_);
    return for_blocks(kept_, parameters,
                      [=](float* __restrict average, const float* __restrict value,
                          std::int64_t begin, std::int64_t end) {
                        for (std::int64_t i = begin; i < end; ++i)
                          average[i] = value[i] + kept * (average[i] - value[i]);
                      });
  }
  const auto fresh = static_cast<float>(1 - decay_);
  for_blocks(kept_, parameters,
             [=](float* __restrict average, const float* __restrict value, std::int64_t begin,
                 std::int64_t end) {
               for (std::int64_t i = begin; i < end; ++i)
                 average[i] += fresh * (value[i] - average[i]);
             });
}

void Ema::restore(Engine& engine, const Parameters& parameters, std::int64_t updates) {
  updates_ = updates;
  std::size_t at = 0;
  for (const Parameter& parameter : parameters)
    if (parameter.is_trained()) kept_[at++].copy_from(engine, parameter.value);
}

void Ema::exchange(Parameters& parameters) {
  if (updates_ == 0) return;
  for_blocks(kept_, parameters,
             [](float* average, float* value, std::int64_t begin, std::int64_t end) {
               std::swap_ranges(average + begin, average + end, value + begin);
             });
  parameters.touch();
}

std::size_t Ema::bytes() const {
  std::size_t bytes = 0;
  for (const Tensor& tensor : kept_) bytes += tensor.bytes();
  return bytes;
}

AveragedParameters::AveragedParameters(std::optional<Ema>& ema, Parameters& parameters)
    : ema_(ema), parameters_(parameters) {
  if (ema_) ema_->exchange(parameters_);
}

AveragedParameters::~AveragedParameters() {
  if (ema_) ema_->exchange(parameters_);
}

}  // namespace lucid
