#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "bench/exchange_model.h"
#include "bench/step_bench.h"

namespace lucid {

// Measures a training step of an experiment file on random volumes, and when each bucket of
// gradients is ready in it; what the step with the median time took. Of the options, modes do not
// count.
RankStep measure_rank_step(const std::filesystem::path& config, Engine& engine,
                           const BenchOptions& options);

// The step on 1, 2, 4 .. 8192 ranks.
std::vector<ScaledStep> scaled_steps(const RankStep& step, const Interconnect& interconnect);

std::string scaled_steps_table(const RankStep& step, std::span<const ScaledStep> scaled);
Json scaled_steps_json(const RankStep& step, std::span<const ScaledStep> scaled);

}  // namespace lucid
