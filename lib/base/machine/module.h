#pragma once

#include <filesystem>
#include <string>

namespace lucid {

// Where a shared library of lucid lies that only some runs open, `name` "lucid-gdcm.so": beside the
// program where it was built, in lib/lucid where it is installed. There may be no such file.
std::filesystem::path module_file(const std::string& name);

struct OpenedModule {
  void* entry = nullptr;  // the function that was asked for; nullptr where there is a problem
  std::string problem{};  // "is missing: there is no FILE"
};

// Opens a module for the rest of the process. is_global: the libraries that it needs look for each
// other's functions among those of the program.
OpenedModule open_module(const std::filesystem::path& file, const char* entry,
                         bool is_global = false);

}  // namespace lucid
