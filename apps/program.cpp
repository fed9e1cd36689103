#include "program.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <system_error>

#include "base/machine/limits.h"
#include "base/text.h"
#include "stop_signal.h"

namespace lucid {
namespace {

// A name that can be no file's is a wrong argument.
Error error_about_path(const std::filesystem::filesystem_error& error) {
  const std::error_code reason = error.code();
  const bool is_wrong = reason == std::errc::filename_too_long ||
                        reason == std::errc::not_a_directory ||
                        reason == std::errc::too_many_symbolic_link_levels;
  return {is_wrong ? ExitCode::kUsage : ExitCode::kFailed,
          error.path1().string() + ": " + reason.message()};
}

// Returns whether there is work to do: after --help there is none.
bool is_parsed(CLI::App& app, int argc, char** argv) {
  try {
    adopt_limits();
    app.parse(argc, argv);
    return true;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw Error(ExitCode::kUsage, argument_error(app, error));
    app.exit(error, std::cout, std::cerr);
    return false;
  }
}

}  // namespace

int parse_and_work(CLI::App& app, int argc, char** argv, const std::function<int()>& work) {
  int code = 0;
  try {
    if (is_parsed(app, argc, argv)) code = work();
  } catch (const Error&) {
    throw;
  } catch (const std::filesystem::filesystem_error& error) {
    throw error_about_path(error);
  } catch (const std::bad_alloc&) {
    throw Error(ExitCode::kFailed, app.get_name() + ": out of memory");
  } catch (const std::system_error& error) {
    const bool is_thread = error.code() == std::errc::resource_unavailable_try_again;
    throw Error(ExitCode::kFailed, app.get_name() + ": " +
                                       (is_thread ? "cannot start a thread: " : "") + error.what());
  } catch (const std::exception& error) {
    throw Error(ExitCode::kFailed, app.get_name() + ": " + error.what());
  }
  if (!std::cout.flush() || std::fflush(stdout) != 0)
    throw Error(ExitCode::kFailed, "standard output: cannot be written");
  return code;
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& work) {
  prepare_signals();
  try {
    return parse_and_work(app, argc, argv, work);
  } catch (const Error& error) {
    std::cerr << error.what() << std::endl;
    return static_cast<int>(error.code());
  }
}

void print_warning(const std::string& message) {
  std::cerr << message_line("warning: " + message) << std::endl;
}

}  // namespace lucid
