#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <new>

#include "base/error.h"
#include "stop_signal.h"

namespace lucid {

// Parses the command line, runs `work`, and turns errors into one line each on stderr and the
// documented exit code; every main() ends with it. --help and --version go to stdout.
inline int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& work) {
  prepare_signals();
  const auto fail = [](ExitCode code, const std::string& message) {
    std::cerr << message << std::endl;
    return static_cast<int>(code);
  };
  int code = 0;
  try {
    try {
      app.parse(argc, argv);
      code = work();
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() != 0)
        return fail(ExitCode::kUsage,
                    app.get_name() + ": " + error.what() + "; see " + app.get_name() + " --help");
      app.exit(error, std::cout, std::cerr);
    }
  } catch (const Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kFailed, app.get_name() + ": out of memory");
  } catch (const std::exception& error) {
    return fail(ExitCode::kFailed, app.get_name() + ": " + error.what());
  }
  if (!std::cout.flush() || std::fflush(stdout) != 0)
    return fail(ExitCode::kFailed, "standard output: cannot be written");
  return code;
}

}  // namespace lucid
