#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "arguments.h"
#include "base/error.h"

namespace lucid {

// Parses the command line, runs `work`, and turns errors into one line each on stderr and the
// documented exit code; every main() ends with it. --help and --version go to stdout.
int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& work);

// Does the same but for signals, which have to be prepared before, and throws Error for all that
// goes wrong.
int parse_and_work(CLI::App& app, int argc, char** argv, const std::function<int()>& work);

// Writes "warning: MESSAGE" to stderr, as one line.
void print_warning(const std::string& message);

}  // namespace lucid
