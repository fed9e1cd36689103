#include "objective/metric.h"

#include <array>

#include "base/catalogue.h"
#include "base/text.h"
#include "objective/metrics.h"

namespace lucid {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Metric> (*make)(const Loss&, const Shape&);
  bool is_over_values;  // else over classes or binary logits
};

constexpr std::array kMetrics = {
    Entry{"accuracy", make_accuracy, false},
    Entry{"auc", make_auc, false},
    Entry{"mae", make_mae, true},
    Entry{"mse", make_mse, true},
};

}  // namespace

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Entry& entry : kMetrics) all.emplace_back(entry.name);
    return all;
  }();
  return names;
}

std::unique_ptr<Metric> make_metric(const std::string& name, const Loss& loss,
                                    const Shape& prediction) {
  for (const Entry& entry : kMetrics) {
    if (name != entry.name) continue;
    if (entry.is_over_values != (loss.prediction_kind() == PredictionKind::kValues))
      throw Error(ExitCode::kUsage,
                  "metric " + in_quotes(name) + ": expected " +
                      (entry.is_over_values ? "MSELoss or L1Loss"
                                            : "CrossEntropyLoss or BCEWithLogitsLoss") +
                      ", found " + loss.type());
    return entry.make(loss, prediction);
  }
  throw Error(ExitCode::kUsage, no_such("metric", name, metric_names()));
}

}  // namespace lucid
