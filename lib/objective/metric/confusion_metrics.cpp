#include <limits>

#include "objective/metric/confusion_counts.h"
#include "objective/metric/metrics.h"

namespace lucid {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
double dice_of(const ConfusionCounts& c) {
  return ratio(2 * c.true_positives, c.predicted + c.actual);
}
double iou_of(const ConfusionCounts& c) {
  return ratio(c.true_positives, c.predicted + c.actual - c.true_positives);
}
double precision_of(const ConfusionCounts& c) { return ratio(c.true_positives, c.predicted); }
double recall_of(const ConfusionCounts& c) { return ratio(c.true_positives, c.actual); }

// A function of each class's counts over the whole set, and its mean over classes. It is NaN for a
// class that neither occurs nor is predicted, and 0 for one that only occurs or is only predicted.
class ConfusionMetric final : public Metric {
 public:
  using Measure = double (*)(const ConfusionCounts&);
  // The mean is taken over the classes from `first` on.
  ConfusionMetric(std::string name, Measure of_counts, ConfusionCounter counter, std::size_t first)
      : name_(std::move(name)), measure_(of_counts), counter_(std::move(counter)), first_(first) {}

  void reset() override { counter_.reset(); }
  void measure(const Shape& shape, std::span<const float> prediction, std::span<const float> target,
               std::vector<double>& numbers) override {
    counter_.measure(shape, prediction, target, numbers);
  }
  void take(std::span<const double>& numbers) override { counter_.take(numbers); }

  void report(Measurements& measurements) const override {
    double sum = 0, defined = 0;
    const std::span<const ConfusionCounts> counts = counter_.counts();
    for (std::size_t c = 0; c < counts.size(); ++c) {
      const bool is_defined = counts[c].predicted + counts[c].actual > 0;
      const double value = is_defined ? measure_(counts[c]) : kUndefined;
      if (counts.size() > 1)
        measurements.add_detail(name_ + "_" + std::to_string(c), value,
                                "it neither occurs nor is predicted");
      if (c < first_ || !is_defined) continue;
      sum += value;
      ++defined;
    }
    measurements.add_value(name_, defined == 0 ? kUndefined : sum / defined,
                           first_ == 0
                               ? "nothing occurs or is predicted among the labels that count"
                               : "no class but the background occurs or is predicted");
  }

 private:
  std::string name_;
  Measure measure_;
  ConfusionCounter counter_;
  std::size_t first_;
};

// The mean is over all classes.
std::unique_ptr<Metric> over_all(const MetricConfig& config, ConfusionMetric::Measure measure,
                                 const Loss& loss, const Shape& prediction) {
  return std::make_unique<ConfusionMetric>(config.name(), measure,
                                           ConfusionCounter(loss, prediction), 0);
}

// The mean leaves class 0 out, the background. Channels have no background.
std::unique_ptr<Metric> over_foreground(const MetricConfig& config,
                                        ConfusionMetric::Measure measure, const Loss& loss,
                                        const Shape& prediction) {
  ConfusionCounter counter(loss, prediction);
  const std::size_t first = counter.counts_classes() ? 1 : 0;
  return std::make_unique<ConfusionMetric>(config.name(), measure, std::move(counter), first);
}

}  // namespace

std::unique_ptr<Metric> make_dice(const MetricConfig& config, const Loss& loss,
                                  const Shape& prediction) {
  return over_foreground(config, dice_of, loss, prediction);
}

std::unique_ptr<Metric> make_iou(const MetricConfig& config, const Loss& loss,
                                 const Shape& prediction) {
  return over_foreground(config, iou_of, loss, prediction);
}

std::unique_ptr<Metric> make_precision(const MetricConfig& config, const Loss& loss,
                                       const Shape& prediction) {
  return over_all(config, precision_of, loss, prediction);
}

std::unique_ptr<Metric> make_recall(const MetricConfig& config, const Loss& loss,
                                    const Shape& prediction) {
  return over_all(config, recall_of, loss, prediction);
}

std::unique_ptr<Metric> make_f1(const MetricConfig& config, const Loss& loss,
                                const Shape& prediction) {
  return over_all(config, dice_of, loss, prediction);
}

}  // namespace lucid
