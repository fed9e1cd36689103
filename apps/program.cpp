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

int fail(ExitCode code, const std::string& message) {
  std::cerr << message << std::endl;
  return static_cast<int>(code);
}

// A name that can be no file's is a wrong argument.
int fail_about_path(const std::filesystem::filesystem_error& error) {
  const std::error_code reason = error.code();
  const bool is_wrong = reason == std::errc::filename_too_long ||
                        reason == std::errc::not_a_directory ||
                        reason == std::errc::too_many_symbolic_link_levels;
  return fail(is_wrong ? ExitCode::kUsage : ExitCode::kFailed,
              message_line(error.path1().string() + ": " + reason.message()));
}

}  // namespace

int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& work) {
  prepare_signals();
  int code = 0;
  try {
    try {
      adopt_limits();
      app.parse(argc, argv);
      code = work();
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() != 0) return fail(ExitCode::kUsage, argument_error(app, error));
      app.exit(error, std::cout, std::cerr);
    }
  } catch (const Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    return fail_about_path(error);
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kFailed, app.get_name() + ": out of memory");
  } catch (const std::system_error& error) {
    const bool is_thread = error.code() == std::errc::resource_unavailable_try_again;
    return fail(ExitCode::kFailed,
                message_line(app.get_name() + ": " + (is_thread ? "cannot start a thread: " : "") +
                             error.what()));
  } catch (const std::exception& error) {
    return fail(ExitCode::kFailed, message_line(app.get_name() + ": " + error.what()));
  }
  if (!std::cout.flush() || std::fflush(stdout) != 0)
    return fail(ExitCode::kFailed, "standard output: cannot be written");
  return code;
}

void print_warning(const std::string& message) {
  std::cerr << message_line("warning: " + message) << std::endl;
}

}  // namespace lucid
