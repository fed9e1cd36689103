#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "train_options.h"

namespace lucid {

// Runs the program as run_program() does: in this process, in as many as --ranks says, or, if a
// launcher of MPI has started several, as one of those, of which only the first writes to the
// standard streams. `run` trains as one rank.
int run_ranked(CLI::App& app, int argc, char** argv, TrainOptions& options,
               const std::function<int(const TrainOptions&)>& run);

}  // namespace lucid
