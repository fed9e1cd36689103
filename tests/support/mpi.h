#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/text.h"
#include "paths.h"

namespace lucid::test {

// An MPI of this machine that lucid has a module for.
struct Mpi {
  std::string name;                  // of the module and of its mpirun
  std::string mpirun;                // with its folder
  std::vector<std::string> options;  // so that it starts any number of processes, as root, too

  std::vector<std::string> arguments(int processes, const std::vector<std::string>& command) const {
    std::vector<std::string> all = options;
    all.insert(all.end(), {"-np", std::to_string(processes)});
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
};

inline std::string found_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "" : path, ':'))
    if (std::filesystem::exists(std::filesystem::path(folder) / name))
      return (std::filesystem::path(folder) / name).string();
  return "";
}

// Those that can be tested here. The sanitizers stop at memory that MPI's libraries never free.
inline std::vector<Mpi> mpis() {
  std::vector<Mpi> found;
#ifndef LUCID_SANITIZE
  const std::vector<Mpi> known{{"openmpi",
                                "mpirun.openmpi",
                                {"--allow-run-as-root", "--oversubscribe", "--bind-to", "none"}},
                               {"mpich", "mpirun.mpich", {}}};
  for (Mpi mpi : known) {
    mpi.mpirun = found_program(mpi.mpirun);
    const auto module = std::filesystem::path(LUCID_BINARY_DIR) / ("lucid-" + mpi.name + ".so");
    if (!mpi.mpirun.empty() && std::filesystem::exists(module)) found.push_back(mpi);
  }
#endif
  if (found.empty()) MESSAGE("no MPI to test here");
  return found;
}

inline std::string program_path(const std::string& name) {
  return (std::filesystem::path(LUCID_BINARY_DIR) / name).string();
}

}  // namespace lucid::test
