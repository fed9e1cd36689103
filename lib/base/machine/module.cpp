#include "base/machine/module_file.h"

#include <system_error>

namespace lucid {

std::filesystem::path module_file(const std::string& name) {
  std::error_code ignored;
  const auto programs = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto installed = programs.parent_path() / "lib" / "lucid" / name;
  return std::filesystem::exists(installed, ignored) ? installed : programs / name;
}

}  // namespace lucid
