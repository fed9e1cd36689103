#include "train/report.h"

#include <cstdio>

namespace lucid {

std::string status_text(RunStatus status) {
  switch (status) {
    case RunStatus::kFinished:
      return "finished";
    case RunStatus::kEarlyStopping:
      return "early_stopping";
    case RunStatus::kInterrupted:
      return "interrupted";
    case RunStatus::kDiverged:
      return "diverged";
  }
  return "";
}

std::string epoch_line(const EpochEvent& event, std::int64_t epochs) {
  char text[96];
  std::snprintf(text, sizeof text, "epoch %lld/%lld  train.loss %.4f",
                static_cast<long long>(event.epoch), static_cast<long long>(epochs),
                event.train_loss);
  std::string line = text;
  for (const auto& [name, value] : event.validation.values) {
    std::snprintf(text, sizeof text, "%.4f", value);
    line += "  validation." + name + " " + text;
  }
  std::snprintf(text, sizeof text, "  lr %.3g  %.1f s  %.0f samples/s%s", event.lr, event.seconds,
                event.samples_per_second, event.best ? "  best" : "");
  return line + text;
}

}  // namespace lucid
