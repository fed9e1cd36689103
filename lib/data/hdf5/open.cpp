#include "data/hdf5/open.h"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace lucid::hdf5 {
namespace {

namespace fs = std::filesystem;

void check_filters(const Handle& creation, const std::string& place) {
  const int count = H5Pget_nfilters(creation.id());
  for (int i = 0; i < count; ++i) {
    std::array<char, 64> name{};
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(creation.id(), static_cast<unsigned>(i), nullptr, &values, nullptr,
                       name.size() - 1, name.data(), nullptr);
    if (H5Zfilter_avail(filter) <= 0)
      fail(place, "expected a filter that HDF5 can load, found " + in_quotes(name.data()) + " (" +
                      std::to_string(filter) + "); HDF5_PLUGIN_PATH names the plugins' folder");
  }
}

std::uintmax_t stored_bytes(const Handle& dataset) {
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  const Handle space(H5Dget_space(dataset.id()), H5Sclose);
  const auto elements =
      static_cast<std::uintmax_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space.id()), 0));
  return elements * H5Tget_size(type.id());
}

// HDF5 reads zeros beyond the end of an external file, so its length is checked.
void check_external(const Handle& dataset, const Handle& creation, const fs::path& folder,
                    const std::string& place) {
  const int count = H5Pget_external_count(creation.id());
  std::uintmax_t wanted = count > 0 ? stored_bytes(dataset) : 0;
  for (int i = 0; i < count && wanted > 0; ++i) {
    std::array<char, 4096> name{};
    off_t offset = 0;
    hsize_t size = 0;
    if (H5Pget_external(creation.id(), static_cast<unsigned>(i), name.size() - 1, name.data(),
                        &offset, &size) < 0)
      fail(place, "its external files cannot be listed: " + last_reason());
    const fs::path path = folder / name.data();
    const std::uintmax_t part = std::min<std::uintmax_t>(wanted, size);
    std::error_code failed;
    const std::uintmax_t found = fs::file_size(path, failed);
    if (failed)
      fail(place, "its external file " + in_quotes(path.string()) +
                      " cannot be read: " + failed.message());
    if (found < part + static_cast<std::uintmax_t>(offset))
      fail(place, "its external file " + in_quotes(path.string()) + ": expected " +
                      std::to_string(part + static_cast<std::uintmax_t>(offset)) +
                      " bytes, found " + std::to_string(found));
    wanted -= part;
  }
}

// HDF5 calls this before it opens the file of an external link, which could be a FIFO and never
// open. Returns -1 to refuse, which looks like a link that leads nowhere.
herr_t check_linked_file(const char* parent, const char*, const char* child, const char*, unsigned*,
                         hid_t, void*) {
  std::error_code failed;
  for (const fs::path& path : {folder_of(parent) / child, fs::path(child)}) {
    const fs::file_status status = fs::status(path, failed);
    if (fs::exists(status) && !fs::is_regular_file(status)) return -1;
  }
  return 0;
}

// Looks for a read that failed in the file system, by HDF5's report of the last error.
herr_t note_failed_read(unsigned depth, const H5E_error2_t* entry, void* has_failed) {
  const bool is_of_system = depth == 0 && entry->min_num == H5E_READERROR &&
                            entry->desc != nullptr &&
                            std::string_view(entry->desc).find("errno") != std::string_view::npos;
  if (is_of_system) *static_cast<bool*>(has_failed) = true;
  return 0;
}

Handle link_access() {
  Handle access(H5Pcreate(H5P_LINK_ACCESS), H5Pclose);
  H5Pset_elink_cb(access.id(), check_linked_file, nullptr);
  return access;
}

// Turns "part%b.h5" with block 3 into "part3.h5"; "%%" is one "%".
std::string block_name(const std::string& pattern, std::size_t block) {
  std::string name;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char next = pattern[i] == '%' && i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    if (next == 'b') name += std::to_string(block);
    if (next == '%') name += '%';
    if (next == 'b' || next == '%')
      ++i;
    else
      name += pattern[i];
  }
  return name;
}

// Follows virtual datasets from the requested one down to the one being checked.
class SourceCheck {
 public:
  void check(const Handle& file, const std::string& name, const fs::path& path) {
    const std::string place = path.string() + ": /" + name;
    const Handle dataset = open_dataset(file, name, place);
    const Handle creation(
        checked(H5Dget_create_plist(dataset.id()), ExitCode::kData, place, "cannot be read"),
        H5Pclose);
    check_filters(creation, place);
    if (H5Pget_layout(creation.id()) != H5D_VIRTUAL)
      return check_external(dataset, creation, path.parent_path(), place);
    const std::string own_identity = find_object(file, name).identity;
    if (std::find(chain_.begin(), chain_.end(), own_identity) != chain_.end())
      fail(place, "is a virtual dataset that is made of itself");
    chain_.push_back(own_identity);
    std::size_t count = 0;
    H5Pget_virtual_count(creation.id(), &count);
    for (std::size_t i = 0; i < count; ++i) check_mapping(creation, i, path, place);
    chain_.pop_back();
  }

 private:
  void check_mapping(const Handle& creation, std::size_t index, const fs::path& file,
                     const std::string& place) {
    std::array<char, 4096> source_file{}, source_name{};
    if (H5Pget_virtual_filename(creation.id(), index, source_file.data(), source_file.size()) < 0 ||
        H5Pget_virtual_dsetname(creation.id(), index, source_name.data(), source_name.size()) < 0)
      fail(place, "its virtual sources cannot be listed: " + last_reason());
    // Numbered sources end at the first that is missing; all others have to exist.
    for (std::size_t block = 0;; ++block) {
      const std::string path = block_name(source_file.data(), block);
      const std::string name = block_name(source_name.data(), block);
      const bool is_numbered = path != block_name(source_file.data(), block + 1) ||
                               name != block_name(source_name.data(), block + 1);
      const std::string missing = check_source(file, path, name);
      if (!missing.empty() && (!is_numbered || block == 0)) fail(place, missing);
      if (!missing.empty() || !is_numbered) return;
    }
  }

  // Returns an empty text, or why the source cannot be used.
  std::string check_source(const fs::path& file, const std::string& source,
                           const std::string& name) {
    fs::path path = source == "." ? file : file.parent_path() / source;
    std::error_code failed;
    if (kind_of(path) == FileKind::kMissing)
      path = fs::weakly_canonical(file, failed).parent_path() / source;
    if (kind_of(path) == FileKind::kMissing)
      return "its virtual source " + in_quotes(source) + " does not exist";
    const Handle opened = open_file(path);
    if (find_object(opened, name).kind != ObjectKind::kDataset)
      return "its virtual source " + in_quotes(path.string()) + " has no dataset " +
             in_quotes(name);
    check(opened, without_slashes(name), path);
    return {};
  }

  std::vector<std::string> chain_;
};

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
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // Readers neither wait for other programs nor lock them out; HDF5_USE_FILE_LOCKING overrides
  // this.
  H5Pset_file_locking(access.id(), 0, 1);
  return {checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), ExitCode::kData,
                  path.string(), "cannot be read as HDF5"),
          H5Fclose};
}

Handle open_dataset(const Handle& file, const std::string& name, const std::string& place) {
  const Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
  H5Pset_efile_prefix(access.id(), "${ORIGIN}");
  H5Pset_virtual_prefix(access.id(), "${ORIGIN}");
  return {checked(H5Dopen2(file.id(), name.c_str(), access.id()), ExitCode::kData, place,
                  "cannot be opened"),
          H5Dclose};
}

Handle open_group(const Handle& file, const std::string& name, const std::string& place) {
  return {checked(H5Gopen2(file.id(), name.empty() ? "/" : name.c_str(), H5P_DEFAULT),
                  ExitCode::kData, place, "cannot be opened"),
          H5Gclose};
}

Object find_object(const Handle& file, const std::string& name) {
  const char* path = name.empty() ? "/" : name.c_str();
  const Handle access = link_access();
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  if (H5Oget_info_by_name3(file.id(), path, &info, H5O_INFO_BASIC, access.id()) < 0) {
    check_failure(file, name);
    return {};
  }
  const std::string place(reinterpret_cast<const char*>(&info.token), sizeof info.token);
#else
  H5O_info_t info;
  if (H5Oget_info_by_name2(file.id(), path, &info, H5O_INFO_BASIC, access.id()) < 0) {
    check_failure(file, name);
    return {};
  }
  const std::string place = std::to_string(info.addr);
#endif
  const ObjectKind kind = info.type == H5O_TYPE_GROUP     ? ObjectKind::kGroup
                          : info.type == H5O_TYPE_DATASET ? ObjectKind::kDataset
                                                          : ObjectKind::kOther;
  return {kind, std::to_string(info.fileno) + "/" + place};
}

void check_sources(const Handle& file, const std::string& name, const fs::path& path) {
  SourceCheck().check(file, name, path);
}

}  // namespace lucid::hdf5
