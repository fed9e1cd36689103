#pragma once

#include "infer/predict/options.h"

namespace lucid {

// True if the output is a folder, which gets one file for each input.
bool is_folder_output(const InferOptions& options);

// Returns the options of one run for each input: its file and its output in the folder, named as
// the input, with the suffix of `format`. Creates the folder. Throws Error(kUsage) if two inputs
// would get the same name, or an output exists and may not be replaced, before anything is
// computed.
std::vector<InferOptions> runs_into_folder(const InferOptions& options);

// Adds the result of one of these runs to that of all.
void add_result(const std::string& name, const InferResult& one, InferResult& all);

}  // namespace lucid
