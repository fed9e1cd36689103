#pragma once
// Private to this room.

#include <optional>
#include <string>
#include <vector>

#include "infer/predict/calibration.h"

namespace lucid {

// How far predictions of a rounded network are from those of the float network.
struct Disagreement {
  double loss = 0;      // of the metric, or of the agreement
  double distance = 0;  // of the predictions: root mean square, relative to the float ones'
};

// Measures a network that is rounded more or less against itself in float: by the first metric of
// its experiment where there are targets, or else by the predictions of the float network.
class Agreement {
 public:
  // Predicts the set, which must outlive this object, with the float network.
  Agreement(Predictor& predictor, const CalibrationSet& set);

  Disagreement measure(Predictor& predictor) const;
  const std::string& name() const { return name_; }  // of what the loss is a loss of

 private:
  std::vector<float> predict(Predictor& predictor) const;
  PredictionKind kind() const { return config_.objective->main().prediction_kind(); }
  double value_of(const MetricConfig& config, const std::vector<float>& predictions) const;
  double agreement_loss(const std::vector<float>& predictions) const;

  const CalibrationSet& set_;
  const TrainedConfig& config_;
  Shape output_;
  std::vector<float> predictions_;  // in float
  std::string name_;
  std::optional<MetricConfig> metric_;
  double value_ = 0;  // of the metric, in float
};

}  // namespace lucid
