#include "data/hdf5/files_behind.h"

#include <hdf5.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "data/hdf5/open.h"

namespace lucid::hdf5 {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

struct NamedLink {
  std::string path;
  H5L_type_t type;
  std::size_t bytes;  // of its value
};

herr_t collect_named_link(hid_t, const char* path, const H5L_info_t* info, void* links) {
  const std::size_t bytes = info->type == H5L_TYPE_EXTERNAL ? info->u.val_size : 0;
  static_cast<std::vector<NamedLink>*>(links)->push_back({path, info->type, bytes});
  return 0;
}

// Adds the files with this name, relative to the folder of the file that names them. "%b" stands
// for 0, 1, ... as long as there are such files.
void add_named(const std::string& name, const fs::path& file, Paths& found) {
  std::error_code ignored;
  const auto mark = name.find("%b");
  for (int block = 0;; ++block) {
    std::string part = name;
    if (mark != std::string::npos) part.replace(mark, 2, std::to_string(block));
    const fs::path near = folder_of(file) / part;
    const fs::path real = folder_of(fs::weakly_canonical(file, ignored)) / part;
    const bool is_near = fs::exists(near, ignored);
    const bool is_found = is_near || fs::exists(real, ignored);
    if (is_found) found.push_back(is_near ? near : real);
    if (mark == std::string::npos || !is_found) return;
  }
}

void add_sources_of(const Handle& dataset, const fs::path& file, Paths& found) {
  std::array<char, 4096> name{};
  const Handle creation(H5Dget_create_plist(dataset.id()), H5Pclose);
  const int externals = H5Pget_external_count(creation.id());
  for (int i = 0; i < externals; ++i) {
    off_t offset = 0;
    hsize_t size = 0;
    if (H5Pget_external(creation.id(), static_cast<unsigned>(i), name.size() - 1, name.data(),
                        &offset, &size) >= 0)
      add_named(name.data(), file, found);
  }
  std::size_t sources = 0;
  if (H5Pget_layout(creation.id()) == H5D_VIRTUAL) H5Pget_virtual_count(creation.id(), &sources);
  for (std::size_t i = 0; i < sources; ++i)
    if (H5Pget_virtual_filename(creation.id(), i, name.data(), name.size()) >= 0)
      add_named(name.data(), file, found);
}

// Adds what one link of a file leads to; hard links are the objects of the file itself.
void add_behind(const Handle& opened, const NamedLink& link, const fs::path& file, Paths& found) {
  if (link.type == H5L_TYPE_HARD) {
    if (find_object(opened, link.path).kind == ObjectKind::kDataset)
      add_sources_of(open_dataset(opened, link.path, file.string()), file, found);
    return;
  }
  if (link.type != H5L_TYPE_EXTERNAL) return;
  std::vector<char> value(link.bytes);
  const char *name = nullptr, *object = nullptr;
  unsigned flags = 0;
  if (H5Lget_val(opened.id(), link.path.c_str(), value.data(), value.size(), H5P_DEFAULT) >= 0 &&
      H5Lunpack_elink_val(value.data(), value.size(), &flags, &name, &object) >= 0)
    add_named(name, file, found);
}

Paths directly_behind(const fs::path& file) {
  Paths found;
  const Lock lock;
  try {
    if (kind_of(file) != FileKind::kFile || H5Fis_hdf5(file.c_str()) <= 0) return {};
    const Handle opened = open_file(file);
    std::vector<NamedLink> links;
    H5Lvisit(opened.id(), H5_INDEX_NAME, H5_ITER_INC, collect_named_link, &links);
    for (const NamedLink& link : links) add_behind(opened, link, file, found);
  } catch (const Error&) {  // is reported when the file is read
  }
  return found;
}

}  // namespace

Paths files_behind(const fs::path& file) {
  Paths all{file};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const fs::path& path : directly_behind(all[i])) {
      std::error_code ignored;
      const auto is_same = [&](const fs::path& known) {
        return fs::equivalent(known, path, ignored);
      };
      if (std::ranges::none_of(all, is_same)) all.push_back(path);
    }
  all.erase(all.begin());
  return all;
}

void add_input(CommandFiles& files, const fs::path& file, const std::string& what) {
  files.reads(file, what);
  if (!files.replaces_any()) return;
  for (const fs::path& path : files_behind(file)) files.reads(path, "source of the " + what);
}

}  // namespace lucid::hdf5
