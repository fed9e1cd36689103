#pragma once

#include <span>
#include <stdexcept>
#include <string>

namespace lucid {

// The exit codes of all programs; README.md lists them. A signal ends a program with 128 plus its
// number.
enum class ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kData = 3, kDiverged = 4 };

// The only exception that the library throws for errors of a file, a user or the machine. what() is
// one error per line: "where: expected what, found what; what to do". Whatever a message quotes,
// its line is one line of printable text with an end.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message);
  // Several errors, one a line.
  Error(ExitCode code, std::span<const std::string> messages);
  // The same errors with another exit code.
  Error(ExitCode code, const Error& errors) : Error(errors) { code_ = code; }
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// Throws Error(kData) with "place: message", for mistakes in what a file holds.
[[noreturn]] inline void fail(const std::string& place, const std::string& message) {
  throw Error(ExitCode::kData, place + ": " + message);
}

}  // namespace lucid
