#include "data/hdf5/file.h"

#include <hdf5.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "data/hdf5/open.h"

namespace lucid::hdf5 {
namespace {

namespace fs = std::filesystem;

// A file with more datasets than this is taken as malicious.
constexpr std::size_t kMostDatasets = 1000000;
constexpr std::size_t kDeepest = 64;

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

std::vector<std::string> link_names(const Handle& group, const std::string& place) {
  std::vector<std::string> names;
  checked(H5Literate(group.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names),
          ExitCode::kData, place, "cannot be listed");
  std::sort(names.begin(), names.end());
  return names;
}

class Walk {
 public:
  Walk(const Handle& file, const std::string& place) : file_(file), place_(place) {}

  // Enters groups that contain themselves through links only once.
  void visit(const std::string& path) {
    const std::string identity = find_object(file_, path).identity;
    if (above_.size() >= kDeepest || !above_.insert(identity).second) return;
    const std::string place = place_ + ": /" + path;
    for (const std::string& name : link_names(open_group(file_, path, place), place)) {
      const std::string child = path.empty() ? name : path + "/" + name;
      if (find_object(file_, child).kind == ObjectKind::kGroup)
        visit(child);
      else
        found.push_back(child);
      if (found.size() > kMostDatasets)
        throw Error(ExitCode::kData, place_ + ": expected at most " +
                                         with_thousands(kMostDatasets) + " datasets, found more");
    }
    above_.erase(identity);
  }

  std::vector<std::string> found;

 private:
  const Handle& file_;
  const std::string& place_;
  std::set<std::string> above_;
};

}  // namespace

File::File(const fs::path& path) : path_(path) {
  const Lock lock;
  file_ = open_file(path);
}

std::vector<std::string> File::datasets() const {
  const Lock lock;
  const std::string place = path_.string();
  Walk walk(file_, place);
  walk.visit("");
  std::sort(walk.found.begin(), walk.found.end());
  return std::move(walk.found);
}

std::vector<std::string> File::children(const std::string& group) const {
  const Lock lock;
  const std::string name = without_slashes(group);
  const std::string place = path_.string() + ": /" + name;
  if (find_object(file_, name).kind != ObjectKind::kGroup)
    throw Error(ExitCode::kData, place + ": expected a group, found none");
  return link_names(open_group(file_, name, place), place);
}

bool File::has_dataset(const std::string& dataset) const {
  const Lock lock;
  return find_object(file_, without_slashes(dataset)).kind == ObjectKind::kDataset;
}

bool File::has_group(const std::string& group) const {
  const Lock lock;
  return find_object(file_, without_slashes(group)).kind == ObjectKind::kGroup;
}

std::string File::identity(const std::string& object) const {
  const Lock lock;
  return find_object(file_, without_slashes(object)).identity;
}

Array File::open(const std::string& dataset) const {
  const Lock lock;
  const std::string name = without_slashes(dataset);
  const std::string place = path_.string() + ": /" + name;
  if (!has_dataset(name)) fail_to_open(name);
  check_sources(file_, name, path_);
  return {open_dataset(file_, name, place), place};
}

void File::fail_to_open(const std::string& name) const {
  const std::string place = path_.string() + ": ";
  const ObjectKind kind = find_object(file_, name).kind;
  const std::vector<std::string> known = datasets();
  if (kind != ObjectKind::kMissing)
    throw Error(ExitCode::kData, place + "/" + name + ": expected a dataset, found a " +
                                     (kind == ObjectKind::kGroup ? "group" : "type") +
                                     suggestion(name, known));
  if (std::find(known.begin(), known.end(), name) != known.end())
    throw Error(ExitCode::kData, place + "/" + name + ": leads nowhere");
  throw Error(ExitCode::kData, place + "no dataset " + in_quotes(name) + suggestion(name, known));
}

}  // namespace lucid::hdf5
