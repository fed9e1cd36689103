#include "base/machine/module.h"

#include <dlfcn.h>

#include <system_error>

namespace lucid {

std::filesystem::path module_file(const std::string& name) {
  std::error_code ignored;
  const auto programs = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto installed = programs.parent_path() / "lib" / "lucid" / name;
  return std::filesystem::exists(installed, ignored) ? installed : programs / name;
}

OpenedModule open_module(const std::filesystem::path& file, const char* entry, bool is_global) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return {nullptr, "is missing: there is no " + file.string()};
  void* const library = dlopen(file.c_str(), RTLD_LAZY | (is_global ? RTLD_GLOBAL : RTLD_LOCAL));
  if (library == nullptr) return {nullptr, std::string("cannot be opened: ") + dlerror()};
  void* const found = dlsym(library, entry);
  if (found == nullptr) return {nullptr, "is of another lucid: " + file.string()};
  return {found, ""};
}

}  // namespace lucid
