#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "layers/convolution/problem/thresholds.h"
#include "tensor/engine.h"

namespace lucid {

// One measured point of a threshold: the seconds of the route that it is about, and those of the
// best of the routes that it competes with.
struct TunePoint {
  std::int64_t value;  // channels, voxels, or the length of a row
  double ours, other;
};

// Where a route overtakes the others: the least value from which on it is the fastest at every
// point, or one more than the last value where it is not there.
struct TunedThreshold {
  std::string name, route;
  std::vector<TunePoint> points;

  std::int64_t value() const;
};

struct TuneFigures {
  Processor processor;
  std::string vectors;  // "avx512"
  Thresholds in_use;
  std::vector<TunedThreshold> thresholds;
};

// The thresholds that can be measured.
std::vector<std::string> tuned_names();

// Measures layers of growing size by every route, each for at least `seconds`: for all thresholds,
// or for the one of that name.
TuneFigures measure_thresholds(Engine& engine, double seconds, const std::string& only = "");

// The points, and the row for lib/layers/convolution/problem/thresholds.cpp.
std::string tune_text(const TuneFigures& figures);
Json tune_json(const TuneFigures& figures);

}  // namespace lucid
