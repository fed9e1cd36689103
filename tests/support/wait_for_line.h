#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "support/run_program.h"

namespace lucid::test {

// Waits until the program has written a line that begins with `begin` into the file.
inline void wait_for_line(Program& program, const std::filesystem::path& file,
                          const std::string& begin) {
  const auto is_there = [&] {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);)
      if (line.starts_with(begin)) return true;
    return false;
  };
  while (!is_there()) {
    REQUIRE(program.is_running());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace lucid::test
