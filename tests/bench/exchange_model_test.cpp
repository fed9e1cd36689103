#include "bench/exchange_model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/rank_bench.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

const Interconnect kSlow{.latency_seconds = 0.25, .bytes_per_second = 8};

}  // namespace

TEST_CASE("ranks halve a bucket in log2 rounds and return its sum in as many") {
  CHECK(exchange_seconds(64, 1, kSlow) == 0);
  CHECK(exchange_seconds(64, 2, kSlow) == 2 * (0.25 + 32 / 8.0));
  CHECK(exchange_seconds(64, 4, kSlow) == 2 * (2 * 0.25 + (32 + 16) / 8.0));
  CHECK(exchange_seconds(64, 8, kSlow) == 2 * (3 * 0.25 + (32 + 16 + 8) / 8.0));
  CHECK(exchange_seconds(60, 3, kSlow) == 2 * (2 * 0.25 + 40 / 8.0));
}

TEST_CASE("a bucket is exchanged once it is ready and the one before is, the rest waits for all") {
  RankStep step{.buckets = {{1, 8}, {2, 16}, {10, 4}}, .passes_seconds = 12, .update_seconds = 3};
  // Of 2 ranks: 1.5, 2.5 and 1 seconds.
  ScaledStep two = scaled_step(step, 2, kSlow);
  CHECK(two.sequential_seconds == 12 + 5 + 3);
  CHECK(two.overlapped_seconds == 12 + 3);  // 2.5, 5, and 11 seconds, before the pass has ended
  step.passes_seconds = 10;
  CHECK(scaled_step(step, 2, kSlow).overlapped_seconds == 11 + 3);
  step.buckets = {{1, 64}, {2, 16}};
  CHECK(scaled_step(step, 2, kSlow).overlapped_seconds == 1 + 8.5 + 2.5 + 3);
  const double without = scaled_step(step, 4, kSlow).overlapped_seconds;
  step.gathers = 3;  // each of 2 rounds, twice
  CHECK(scaled_step(step, 4, kSlow).overlapped_seconds ==
        doctest::Approx(without + 3 * gather_seconds(4, kSlow)));
  CHECK(gather_seconds(4, {.latency_seconds = 2, .bytes_per_second = 80}) == 4 * 2 + 3);
  CHECK(scaled_step(step, 1, kSlow).overlapped_seconds == step.seconds());
  CHECK(scaled_step(step, 1, kSlow).sequential_seconds == step.seconds());
}

TEST_CASE("the gradients of a network are measured in buckets that become ready one by one") {
  const test::TempDir dir;
  const auto config = dir.write("a.json", R"({
    "model": {"input": {"channels": 1, "size": 4},
              "layers": [{"type": "Linear", "out_features": 4096},
                         {"type": "Linear", "out_features": 128}]},
    "data": {"batch_size": 1}, "loss": {"type": "CrossEntropyLoss"},
    "optimizer": {"type": "SGD", "lr": 0.001}})");
  Engine engine(1);
  const RankStep step =
      measure_rank_step(config, engine, {.repetition = {.repeats = 1, .seconds = 0}});
  double bytes = 0;
  for (const ReadyBucket& bucket : step.buckets) bytes += bucket.bytes;
  CHECK(step.buckets.size() == 3);
  CHECK(bytes == 4 * (64 * 4096 + 4096 + 4096 * 128 + 128));
  CHECK(step.buckets.front().ready_seconds <= step.buckets.back().ready_seconds);
  CHECK(step.buckets.back().ready_seconds <= step.passes_seconds);
  const auto scaled = scaled_steps(step, kSlow);
  CHECK(scaled.size() == 14);
  CHECK(scaled.back().ranks == 8192);
  const Json json = scaled_steps_json(step, scaled);
  CHECK(json["steps"][0]["efficiency"] == 1);
  CHECK(json["steps"][13]["ranks"] == 8192);
  const std::string table = scaled_steps_table(step, scaled);
  CHECK(std::ranges::count(table, '\n') >= 15);
}

}  // namespace lucid
