#include "formats/split/sets.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "data/hdf5/file.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Returns the names of the sets of a file's split; none if it is no set.
std::vector<std::string> sets_beside(const fs::path& file) {
  try {
    return hdf5::File(file).attribute_list<std::string>("/", kSets);
  } catch (const Error&) {  // something else has this name
    return {};
  }
}

// An earlier file out of the way, which comes back unless it is dropped.
class SetAside {
 public:
  explicit SetAside(const fs::path& path) : path_(path), aside_(path) {
    std::error_code failed;
    fs::rename(path_, aside_.path(), failed);
    if (failed)
      throw Error(ExitCode::kFailed, path_.string() + ": cannot be removed: " + failed.message());
    is_aside_ = true;
  }
  ~SetAside() {
    std::error_code ignored;
    if (is_aside_) fs::rename(aside_.path(), path_, ignored);
  }
  SetAside(const SetAside&) = delete;
  SetAside& operator=(const SetAside&) = delete;
  void drop() { is_aside_ = false; }

 private:
  fs::path path_;
  UnfinishedFile aside_;  // removes the file
  bool is_aside_ = false;
};

}  // namespace

std::vector<fs::path> sets_left_by(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<fs::path> left;
  for (const std::string& name : names) {
    const fs::path file = folder / (name + ".h5");
    if (kind_of(file) != FileKind::kFile) continue;
    const std::vector<std::string> split = sets_beside(file);
    for (const std::string& other : split) {
      const fs::path path = folder / (other + ".h5");
      const bool is_new = std::ranges::find(names, other) != names.end();
      remove_leftovers(path);
      if (!is_new && std::ranges::find(left, path) == left.end() &&
          kind_of(path) == FileKind::kFile && sets_beside(path) == split)
        left.push_back(path);
    }
  }
  return left;
}

void replace_sets(std::span<UnfinishedFile* const> sets, const std::vector<fs::path>& earlier) {
  for (UnfinishedFile* set : sets) set->sync();
  std::vector<std::unique_ptr<SetAside>> aside;
  for (const fs::path& path : earlier) aside.push_back(std::make_unique<SetAside>(path));
  std::vector<UnfinishedFile*> replaced;
  try {
    for (UnfinishedFile* set : sets) {
      set->exchange();
      replaced.push_back(set);
    }
  } catch (...) {
    for (UnfinishedFile* set : replaced) set->take_back();
    throw;
  }
  for (const auto& file : aside) file->drop();
}

}  // namespace lucid
