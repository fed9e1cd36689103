#include "support/run_files.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lucid::test {
namespace {

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

Json RunFiles::epoch(std::int64_t number) const {
  const double n = static_cast<double>(number);
  return {{"event", "epoch"},
          {"epoch", number},
          {"step", number * steps_per_epoch},
          {"train", {{"loss", 2 / n + 1 / 3.0}}},
          {"validation",
           {{"loss", 2 / std::sqrt(n)},
            {"dice", number == 2 ? Json() : Json(1 - 1 / (n + 1))},
            {"dice_0", 1 - 1 / (n + 2)},
            {"dice_1", number < 4 ? Json() : Json(1 - 1 / n)},
            {"confusion", {{number, 1}, {2, 40}}}}},
          {"lr", lr / n},
          {"seconds", 1.25 + 1 / n},
          {"samples_per_second", 1000 / 7.0},
          {"data_wait", 0.1 / n},
          {"bytes_read", number == 1 ? 123456 : 0},
          {"bytes_decoded", 0},
          {"cache_hits", 3 * number},
          {"cache_misses", number},
          {"best", number != 2 && number <= 10}};
}

void RunFiles::write(const std::filesystem::path& folder) const {
  std::filesystem::create_directories(folder);
  Json config = {{"name", name},
                 {"metrics", {"dice"}},
                 {"optimizer", {{"type", "Adam"}, {"lr", lr}}},
                 {"data", {{"train", {{"files", {"/data/train.h5"}}}}, {"batch_size", 8}}},
                 {"train", {{"epochs", epochs}, {"monitor", "validation.dice"}}}};
  config.update(more_config);
  std::string metrics;
  for (std::int64_t number = 1; number <= epochs; ++number) {
    for (std::int64_t step = 1; step <= steps_per_epoch; ++step)
      metrics += json_text(Json{{"event", "step"},
                                {"epoch", number},
                                {"step", (number - 1) * steps_per_epoch + step},
                                {"loss", 1.0 / static_cast<double>(step)},
                                {"lr", lr}}) +
                 "\n";
    metrics += json_text(epoch(number)) + "\n";
  }
  if (!end.empty())
    metrics += json_text(Json{{"event", "end"}, {"status", end}, {"epoch", epochs}}) + "\n";
  write_text(folder / "config.json", json_text(config, 2));
  write_text(folder / "metrics.jsonl", metrics);
  write_text(folder / "log.txt",
             "command: lucid-train --config a.json --set optimizer.lr=0.5\n" + name +
                 ": oneDNN, 2 threads; 1,987 parameters; 40 samples to train on, 16 to validate; "
                 "from epoch 1 to 12\nepoch 1/12  train.loss 2\nwarning: sets share samples\n");
}

}  // namespace lucid::test
