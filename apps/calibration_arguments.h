#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "base/json.h"
#include "infer/predict/options.h"

namespace lucid {

// The arguments of lucid-infer that say how a network is rounded to int8.
struct CalibrationArguments {
  std::optional<std::string> file;
  std::optional<double> max_loss;
  std::optional<std::int64_t> limit;
};

void add_calibration_options(CLI::App& app, CalibrationArguments& arguments);
// Throws Error(kUsage) if one of them is given without int8, or int8 without a file.
std::optional<CalibrationOptions> read_calibration_options(const CalibrationArguments& arguments,
                                                           Precision precision);

std::string calibration_text(const CalibrationReport& report);  // a line, and one for each layer
Json calibration_json(const CalibrationReport& report);
// A warning if int8 was not faster; empty if it was.
std::string calibration_warning(const CalibrationReport& report);

}  // namespace lucid
