#include "calibration_arguments.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "program.h"

namespace lucid {
namespace {

std::string milliseconds(double seconds) { return fixed_text(seconds * 1e3, 1) + " ms"; }

std::string loss_text(double loss) { return number_text(static_cast<float>(loss)); }

}  // namespace

void add_calibration_options(CLI::App& app, CalibrationArguments& arguments) {
  const std::string group = "Calibration, for --precision int8";
  const CalibrationOptions defaults;
  app.add_option("--calibrate", arguments.file,
                 "Volumes like those to predict, by which layers are rounded")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--max-loss", arguments.max_loss,
                 "Loss that rounding may cost, of a metric or of the agreement with float32; "
                 "default: " +
                     number_text(defaults.max_loss))
      ->check(number_range(0.0, 1.0))
      ->type_name("LOSS")
      ->group(group);
  app.add_option(
         "--calibrate-limit", arguments.limit,
         "Samples or windows of it that are tried; default: " + std::to_string(defaults.limit))
      ->check(integer_range(1, 1 << 24))
      ->type_name("N")
      ->group(group);
}

std::optional<CalibrationOptions> read_calibration_options(const CalibrationArguments& arguments,
                                                           Precision precision) {
  const auto refuse = [](const std::string& name) {
    throw Error(ExitCode::kUsage, name + ": expected it with --precision int8 only");
  };
  if (precision != Precision::kInt8) {
    if (arguments.file) refuse("--calibrate");
    if (arguments.max_loss) refuse("--max-loss");
    if (arguments.limit) refuse("--calibrate-limit");
    return std::nullopt;
  }
  if (!arguments.file)
    throw Error(ExitCode::kUsage,
                "--precision int8: expected --calibrate FILE with volumes like those to predict");
  CalibrationOptions options;
  options.file = *arguments.file;
  options.max_loss = arguments.max_loss.value_or(options.max_loss);
  options.limit = arguments.limit.value_or(options.limit);
  return options;
}

std::string calibration_text(const CalibrationReport& report) {
  std::string text = "int8 loss " + loss_text(report.loss) + " of " + report.measure + ", over " +
                     std::to_string(report.samples) + " samples; a batch takes " +
                     milliseconds(report.byte_seconds) + " instead of " +
                     milliseconds(report.float_seconds) + "; calibrated in " +
                     fixed_text(report.seconds, 1) + " s\n";
  for (const RoundedLayer& layer : report.layers) {
    text += (layer.is_rounded ? "int8 " : "float32 ") + printable(layer.name);
    if (layer.loss) text += ", loss by itself " + loss_text(*layer.loss);
    text += (layer.is_rounded ? "" : ": " + layer.why_not) + "\n";
  }
  return text;
}

Json calibration_json(const CalibrationReport& report) {
  Json layers = Json::array();
  for (const RoundedLayer& layer : report.layers)
    layers.push_back({{"name", layer.name},
                      {"precision", layer.is_rounded ? "int8" : "float32"},
                      {"loss", layer.loss ? Json(*layer.loss) : Json()},
                      {"why", layer.is_rounded ? Json() : Json(layer.why_not)}});
  return {{"measure", report.measure},
          {"loss", report.loss},
          {"max_loss", report.max_loss},
          {"samples", report.samples},
          {"seconds", report.seconds},
          {"batch_ms", report.byte_seconds * 1e3},
          {"float32_batch_ms", report.float_seconds * 1e3},
          {"layers", layers}};
}

std::string calibration_warning(const CalibrationReport& report) {
  if (report.byte_seconds <= report.float_seconds) return {};
  return "--precision int8: a batch takes " + milliseconds(report.byte_seconds) +
         " instead of the " + milliseconds(report.float_seconds) +
         " of float32; leave it out, or allow a larger --max-loss";
}

}  // namespace lucid
