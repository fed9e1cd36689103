#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "support/run_program.h"

namespace lucid::test {

// Runs lucid-data in a folder, so that its messages name files without the folder.
inline ProgramResult run_in(const TempDir& folder, const std::vector<std::string>& arguments) {
  return run_program("lucid-data", arguments, {.cwd = folder.path(), .env = {}, .stdout_to = {}});
}

// The same for lucid-train.
inline ProgramResult train_in(const TempDir& folder, const std::vector<std::string>& arguments) {
  return run_program("lucid-train", arguments, {.cwd = folder.path(), .env = {}, .stdout_to = {}});
}

// Checks that a program wrote one line to stderr and nothing else; returns "2: line".
inline std::string refusal(const ProgramResult& result) {
  CHECK(result.out == "");
  CHECK(std::ranges::count(result.err, '\n') == 1);
  return std::to_string(result.code) + ": " + result.err.substr(0, result.err.find('\n'));
}

}  // namespace lucid::test
