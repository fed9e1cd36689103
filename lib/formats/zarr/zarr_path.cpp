#include "formats/zarr/zarr_path.h"

#include <algorithm>

#include "base/text.h"

namespace lucid {

std::optional<ZarrPath> zarr_path(const std::filesystem::path& path) {
  ZarrPath found;
  bool is_store = false;
  for (const std::filesystem::path& part : path) {
    const std::string name = part.string();
    if (!is_store)
      found.store /= part;
    else if (!name.empty() && name != ".")
      found.inner += (found.inner.empty() ? "" : "/") + name;
    is_store = is_store || (name.size() > 5 && name.ends_with(".zarr"));
  }
  return is_store ? std::optional(found) : std::nullopt;
}

bool is_zarr_store(const std::filesystem::path& path) {
  const std::optional<ZarrPath> parts = zarr_path(path);
  return parts && parts->inner.empty();
}

bool is_in_zarr_store(const std::filesystem::path& path) {
  const std::optional<ZarrPath> parts = zarr_path(path);
  std::error_code unreadable;  // which opening will meet, too
  return parts && std::filesystem::is_directory(parts->store, unreadable);
}

bool is_path_inside(const std::string& path) {
  const std::vector<std::string> parts = split(path, '/');
  return std::ranges::none_of(parts, [](const std::string& part) {
    return part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos;
  });
}

}  // namespace lucid
