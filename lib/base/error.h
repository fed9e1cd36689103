#pragma once

#include <stdexcept>
#include <string>

namespace lucid {

// What a program ends with; the table stands in README.md. A signal adds its number to 128.
enum class ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kData = 3, kDiverged = 4 };

// The only exception the library throws for what a file, a user or the machine can cause.
// what() is one error a line: "where: expected what, found what; what to do".
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace lucid
