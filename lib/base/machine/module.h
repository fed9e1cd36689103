#pragma once

#include <filesystem>
#include <string>

namespace lucid {

// Where a shared library of lucid lies that only some runs open, `name` "lucid-gdcm.so": beside the
// program where it was built, in lib/lucid where it is installed. There may be no such file.
std::filesystem::path module_file(const std::string& name);

}  // namespace lucid
