#include "data/hdf5/file.h"

#include "base/text.h"
#include "data/hdf5/open.h"
#include "data/hdf5/sources.h"

namespace lucid::hdf5 {
namespace {

namespace fs = std::filesystem;

// Suggestions need not know every dataset of a file.
constexpr std::size_t kMostSuggested = 20000, kMostNamed = 20;

}  // namespace

File::File(const fs::path& path) : path_(path) {
  const Lock lock;
  file_ = open_file(path);
}

Listing File::list(const std::string& group, const Interrupt& interrupt) const {
  const Lock lock;
  return list_below(without_slashes(group), kMostLinks, interrupt);
}

Listing File::list_below(const std::string& group, std::size_t most_links,
                         const Interrupt& interrupt) const {
  const std::string file = path_.string();
  return list_links(open_group(file_, group, file + ": /" + group), group, file, most_links,
                    interrupt);
}

std::vector<std::string> File::datasets(const std::string& group,
                                        const Interrupt& interrupt) const {
  Listing all = list(group, interrupt);
  if (!all.left_out.empty()) throw Error(ExitCode::kData, all.left_out.front().reason);
  return std::move(all.paths);
}

std::vector<std::string> File::datasets() const { return datasets("", {}); }

std::vector<std::string> File::children(const std::string& group) const {
  const Lock lock;
  const std::string name = without_slashes(group);
  const std::string place = path_.string() + ": /" + name;
  if (find_object(file_, name).kind != ObjectKind::kGroup)
    throw Error(ExitCode::kData, place + ": expected a group, found none");
  return link_names(open_group(file_, name, place), place);
}

bool File::has_link(const std::string& path) const {
  const Lock lock;
  return link_exists(file_, without_slashes(path));
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
  std::vector<Handle> sources = open_sources(file_, name, path_);
  return {open_dataset(file_, name, place), place, std::move(sources)};
}

std::string File::known_datasets(const std::string& wanted) const {
  const Lock lock;
  std::vector<std::string> known = list_below("", kMostSuggested, {}).paths;
  if (known.size() <= kMostNamed || !closest_match(wanted, known).empty())
    return suggestion(wanted, known);
  const std::size_t others = known.size() - kMostNamed;
  known.resize(kMostNamed);
  return suggestion(wanted, known) + " and " + with_thousands(static_cast<std::int64_t>(others)) +
         " more";
}

void File::fail_to_open(const std::string& name) const {
  const std::string place = path_.string() + ": ";
  const ObjectKind kind = find_object(file_, name).kind;
  if (kind != ObjectKind::kMissing)
    throw Error(ExitCode::kData, place + "/" + name + ": expected a dataset, found a " +
                                     (kind == ObjectKind::kGroup ? "group" : "type") +
                                     known_datasets(name));
  if (link_exists(file_, name))
    throw Error(ExitCode::kData, place + "/" + name + ": leads nowhere");
  throw Error(ExitCode::kData, place + "no dataset " + in_quotes(name) + known_datasets(name));
}

}  // namespace lucid::hdf5
