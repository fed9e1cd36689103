#pragma once

#include <string>

#include "infer/predict/options.h"

namespace lucid {

// Write the result of lucid-infer to stdout: as one JSON object, or as lines.
void print_infer_json(const InferResult& result, const InferOptions& options, double seconds);
void print_infer_text(const InferResult& result, const InferOptions& options);

// Warns of losses and metrics that the targets leave undefined.
void warn_of_undefined(const InferResult& result, const InferOptions& options);

// Returns what was predicted, by whom and in which time.
std::string infer_summary(const InferResult& result, const InferOptions& options, double seconds);

}  // namespace lucid
