#include "data/hdf5/open.h"

#include <hdf5.h>

#include <array>
#include <string_view>

#include "base/file.h"

namespace lucid::hdf5 {
namespace {

namespace fs = std::filesystem;

// An external link to a FIFO would make HDF5 wait without end.
herr_t refuse_special_files(const char* parent, const char*, const char* child, const char*,
                            unsigned*, hid_t, void*) {
  std::error_code failed;
  for (const fs::path& path : {fs::path(child), fs::path(parent).parent_path() / child})
    if (fs::exists(path, failed) && !fs::is_regular_file(path, failed)) return -1;
  return 0;
}

// HDF5 itself follows 16 links on a path, which need not lead to all that is listed.
void set_up_links(hid_t access) {
  constexpr std::size_t kMostLinksOfPath = 128;  // each costs HDF5 a part of the stack
  H5Pset_elink_cb(access, refuse_special_files, nullptr);
  H5Pset_nlinks(access, kMostLinksOfPath);
}

// Lives as long as the process.
hid_t link_access() {
  static const hid_t access = [] {
    const hid_t made = H5Pcreate(H5P_LINK_ACCESS);
    set_up_links(made);
    return made;
  }();
  return access;
}

Handle open_file_with(const fs::path& path, hid_t access) {
  return {checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), ExitCode::kData, path.string(),
                  "cannot be read as HDF5"),
          H5Fclose};
}

// Looks for a read that failed in the file system, by HDF5's report of the last error.
herr_t note_failed_read(unsigned depth, const H5E_error2_t* entry, void* has_failed) {
  const bool is_of_system = depth == 0 && entry->min_num == H5E_READERROR &&
                            entry->desc != nullptr &&
                            std::string_view(entry->desc).find("errno") != std::string_view::npos;
  if (is_of_system) *static_cast<bool*>(has_failed) = true;
  return 0;
}

}  // namespace

std::string without_slashes(const std::string& path) {
  const auto begin = path.find_first_not_of('/');
  const auto end = path.find_last_not_of('/');
  return begin == std::string::npos ? "" : path.substr(begin, end - begin + 1);
}

void check_failure(const Handle& file, const std::string& name) {
  bool has_failed = false;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_failed_read, &has_failed);
  if (!has_failed) return;
  const std::string reason = last_reason();
  std::array<char, 4096> path{};
  H5Fget_name(file.id(), path.data(), path.size());
  fail(std::string(path.data()) + ": /" + name, "cannot be read: " + reason);
}

Handle open_file(const fs::path& path) {
  check_is_file(path, "an HDF5 file", ExitCode::kData);
  return open_file_with(path, H5P_DEFAULT);
}

Handle open_source(const fs::path& path, const Handle& file) {
  check_is_file(path, "an HDF5 file", ExitCode::kData);
  const Handle access(H5Fget_access_plist(file.id()), H5Pclose);
  return open_file_with(path, access.id());
}

Handle open_dataset(const Handle& file, const std::string& name, const std::string& place) {
  const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
  set_up_links(access.id());
  H5Pset_efile_prefix(access.id(), "${ORIGIN}");
  H5Pset_virtual_prefix(access.id(), "${ORIGIN}");
  return {checked(H5Dopen2(file.id(), name.c_str(), access.id()), ExitCode::kData, place,
                  "cannot be opened"),
          H5Dclose};
}

Handle open_group(const Handle& file, const std::string& name, const std::string& place) {
  const Handle access(H5Pcreate(H5P_GROUP_ACCESS), H5Pclose);
  set_up_links(access.id());
  return {checked(H5Gopen2(file.id(), name.empty() ? "/" : name.c_str(), access.id()),
                  ExitCode::kData, place, "cannot be opened"),
          H5Gclose};
}

Object find_object(const Handle& file, const std::string& name) {
  const char* path = name.empty() ? "/" : name.c_str();
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  if (H5Oget_info_by_name3(file.id(), path, &info, H5O_INFO_BASIC, link_access()) < 0) {
    check_failure(file, name);
    return {};
  }
  const std::string address(reinterpret_cast<const char*>(&info.token), sizeof info.token);
#else
  H5O_info_t info;
  if (H5Oget_info_by_name2(file.id(), path, &info, H5O_INFO_BASIC, link_access()) < 0) {
    check_failure(file, name);
    return {};
  }
  const std::string address = std::to_string(info.addr);
#endif
  const ObjectKind kind = info.type == H5O_TYPE_GROUP     ? ObjectKind::kGroup
                          : info.type == H5O_TYPE_DATASET ? ObjectKind::kDataset
                                                          : ObjectKind::kOther;
  return {kind, address, std::to_string(info.fileno) + "/" + address};
}

bool link_exists(const Handle& file, const std::string& path) {
  return path.empty() || H5Lexists(file.id(), path.c_str(), link_access()) > 0;
}

}  // namespace lucid::hdf5
