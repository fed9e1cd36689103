#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "infer/predict/options.h"

namespace lucid {

// The dataset that predictions were made from.
struct PredictedInput {
  std::filesystem::path file;
  std::string dataset;
};

// The origin of one dataset of predictions.
struct PredictionSource {
  std::vector<PredictedInput> inputs;       // one for each run of samples
  std::vector<std::string> other_datasets;  // of the same files, with further channels
  bool has_input_grid = false;              // one prediction for every voxel of the input
};

// Throws Error(kData) if attributes that describe_predictions() copies cannot be read, so that this
// is known before anything is computed.
void check_described(const PredictionSource& source);

// Writes the attributes of predictions: those of the inputs' that hold for all of them and for the
// predictions' grid, axes, sources, checkpoint, activation and scale.
void describe_predictions(hdf5::Writer& writer, const std::string& path,
                          const InferOptions& options, const PredictionSource& source,
                          const OutputFormat& format);

}  // namespace lucid
