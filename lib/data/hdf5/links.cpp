#include "data/hdf5/links.h"

#include <hdf5.h>
#include <sys/stat.h>

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "data/hdf5/open.h"

namespace lucid::hdf5 {
namespace {

struct Link {
  std::string name;
  bool is_hard = true;
};
using Links = std::vector<Link>;

// A damaged group can repeat its links without end, so their number is limited.
herr_t collect(hid_t, const char* name, const H5L_info_t* info, void* links) {
  auto& all = *static_cast<Links*>(links);
  all.push_back({name, info->type == H5L_TYPE_HARD});
  return all.size() > kMostLinks ? 1 : 0;
}

Links sorted_links(const Handle& group, const std::string& place) {
  Links links;
  checked(H5Literate(group.id(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, collect, &links),
          ExitCode::kData, place, "cannot be listed");
  if (links.size() > kMostLinks)
    fail(place, "expected at most " + with_thousands(kMostLinks) + " links in a group, found more");
  std::ranges::sort(links, {}, &Link::name);
  return links;
}

// Identifies the file of an open object. HDF5's own number changes when a file is opened again.
std::string file_key(const Handle& object) {
  std::string name(4096, '\0');
  const ssize_t length = H5Fget_name(object.id(), name.data(), name.size());
  name.resize(length < 0 ? 0 : std::min(static_cast<std::size_t>(length), name.size() - 1));
  struct stat status {};
  if (stat(name.c_str(), &status) != 0) return name;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

// Returns the beginning and the end of a path that is too long to be read.
std::string shortened(const std::string& path) {
  constexpr std::size_t kLongest = 100, kEnd = 30;
  if (path.size() <= kLongest) return path;
  return path.substr(0, kLongest - kEnd) + "..." + path.substr(path.size() - kEnd);
}

class Walk {
 public:
  Walk(const std::string& file, std::size_t most_links, const Interrupt& interrupt)
      : file_(file), most_links_(most_links), interrupt_(interrupt) {}

  // Goes down group by group without recursion; groups on the way down stay open.
  Listing list(Handle group, const std::string& path) {
    seen_.insert(key_of(group));
    const Links links = sorted_links(group, place_of(path));
    enter(std::move(group), path, links);
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.groups.empty())
        levels_.pop_back();
      else
        descend(level);
    }
    std::ranges::sort(found_.paths);
    std::ranges::sort(found_.left_out, {}, &LeftOut::path);
    return std::move(found_);
  }

 private:
  struct Level {
    Handle group;
    std::string path, file;
    std::vector<std::string> groups;  // names of groups to enter, the next at the end
  };

  std::string place_of(const std::string& path) const { return file_ + ": /" + path; }
  std::string key_of(const Handle& group) const {
    return file_key(group) + "/" + find_object(group, ".").address;
  }
  void leave_out(const std::string& path, const std::string& what) {
    found_.left_out.push_back({path, what});
  }

  void descend(Level& level) {
    const std::string name = std::move(level.groups.back());
    level.groups.pop_back();
    const std::string path = path_below(level.path, name);
    if (levels_.size() >= kDeepestGroup)
      return leave_out(shortened(path), place_of(shortened(path)) + ": groups deeper than " +
                                            std::to_string(kDeepestGroup) + " are not listed");
    Handle group;
    Links links;
    try {
      group = open_group(level.group, name, place_of(path));
      links = sorted_links(group, place_of(path));
    } catch (const Error& error) {
      return leave_out(path, error.what());
    }
    enter(std::move(group), path, links);
  }

  // Claims all groups of a level before entering one, which keeps their paths short.
  void enter(Handle group, const std::string& path, const Links& links) {
    Level level{std::move(group), path, "", {}};
    level.file = file_key(level.group);
    keep_file(level);
    for (const bool is_hard : {true, false})
      for (const Link& link : links)
        if (link.is_hard == is_hard && !is_full_) meet(level, link);
    std::ranges::sort(level.groups, std::greater<>());
    levels_.push_back(std::move(level));
  }

  void keep_file(const Level& level) {
    if (!files_.insert(level.file).second || files_.size() == 1) return;
    found_.file_count = files_.size() - 1;
    if (found_.file_count <= Listing::kMostFiles)
      found_.files.emplace_back(H5Iget_file_id(level.group.id()), H5Fclose);
  }

  void meet(Level& level, const Link& link) {
    if (interrupt_) interrupt_();
    if (++links_ > most_links_) {
      is_full_ = true;
      for (Level& other : levels_) other.groups.clear();
      level.groups.clear();
      return leave_out("", file_ + ": links beyond the first " +
                               with_thousands(static_cast<std::int64_t>(most_links_)) +
                               " are not listed");
    }
    const Object object = find_object(level.group, link.name);
    const std::string path = path_below(level.path, link.name);
    if (object.kind != ObjectKind::kGroup)
      found_.paths.push_back(path);
    else if (seen_.insert(file_of(level, link, path) + "/" + object.address).second)
      level.groups.push_back(link.name);
  }

  // A soft link may lead into another file, too.
  std::string file_of(const Level& level, const Link& link, const std::string& path) {
    if (link.is_hard) return level.file;
    try {
      return file_key(open_group(level.group, link.name, place_of(path)));
    } catch (const Error&) {
      return place_of(path);  // entering it reports the error
    }
  }

  const std::string& file_;
  const std::size_t most_links_;
  const Interrupt& interrupt_;
  std::vector<Level> levels_;
  std::unordered_set<std::string> seen_;  // groups by file and address
  std::unordered_set<std::string> files_;
  std::size_t links_ = 0;
  bool is_full_ = false;
  Listing found_;
};

}  // namespace

std::vector<std::string> link_names(const Handle& group, const std::string& place) {
  std::vector<std::string> names;
  for (Link& link : sorted_links(group, place)) names.push_back(std::move(link.name));
  return names;
}

Listing list_links(Handle group, const std::string& path, const std::string& file,
                   std::size_t most_links, const Interrupt& interrupt) {
  return Walk(file, most_links, interrupt).list(std::move(group), path);
}

std::string path_below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

}  // namespace lucid::hdf5
